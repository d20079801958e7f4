// German: the findings of the check, by name and state as `/api/check` gives them.

/** @type {import("../catalogue.js").Translation<typeof import("../en/check.js").words>} */
export const words = {
  bind_loopback: "Der Server ist nur von diesem Rechner aus erreichbar ({address}).",
  bind_public_http:
    "Der Server lauscht auf allen Adressen ({address}) und spricht unverschlüsseltes HTTP: Passwörter sind unterwegs lesbar. Stellen Sie einen Proxy mit TLS davor, oder lassen Sie ihn nur auf diesem Rechner lauschen.",
  bind_public: "Der Server lauscht auf allen Adressen ({address}), und Sie erreichen ihn über TLS.",
  proxy_none: "Zwischen Ihnen und dem Server steht kein Proxy.",
  proxy_trusted: "Vor dem Server steht ein Proxy, dem er vertraut.",
  proxy_untrusted:
    "Vor dem Server steht ein Proxy, dem er nicht vertraut; darum sehen alle Besucher wie einer aus. Tragen Sie seine Adresse ein.",
  scheme_https: "Sie sind über TLS verbunden.",
  scheme_http_local: "Sie sind ohne TLS verbunden, auf demselben Rechner; niemand kann mithören.",
  scheme_http_remote:
    "Sie sind ohne TLS über ein Netz verbunden: Was Sie eingeben, ist unterwegs lesbar. Stellen Sie einen Proxy mit TLS vor den Server.",
  cookie_secure: "Ihr Sitzungscookie wird nur über TLS übertragen.",
  cookie_plain_local: "Ihr Sitzungscookie wird angenommen; auf diesem Rechner braucht es kein TLS.",
  cookie_plain_remote: "Ihr Sitzungscookie wird ohne TLS übertragen und kann unterwegs gestohlen werden.",
  cookie_none: "Sie kamen ohne Sitzungscookie.",
  secret_configured:
    "Das Sitzungsgeheimnis steht in der Konfiguration: Sitzungen überdauern einen Neustart und können von mehreren Servern geteilt werden.",
  secret_persisted: "Das Sitzungsgeheimnis liegt im Datenordner: Sitzungen überdauern einen Neustart.",
  secret_not_persisted:
    "Das Sitzungsgeheimnis konnte nicht gespeichert werden: Nach einem Neustart müssen sich alle neu anmelden.",
  metrics_required: "Metriken sind nur mit Zugangsdaten lesbar.",
  metrics_open_local: "Die Metriken sind offen, und nur dieser Rechner erreicht sie.",
  metrics_open: "Die Metriken sind für alle offen, die den Server erreichen; sie nennen Ihre Konten.",
  login_administrator: "Es gibt einen Administrator; alle anderen brauchen einen Schlüssel.",
  login_token_only:
    "Es gibt noch keinen Administrator: Wer an diesem Rechner ist oder den Einrichtungscode hat, kann es werden.",
  login_development:
    "Auf diesem Rechner muss sich niemand anmelden: Entwicklungsmodus. Legen Sie einen Administrator an, bevor andere den Server erreichen.",
  store_ok: "Die Datenbank antwortet.",
  store_error: "Die Datenbank antwortet nicht; nichts kann gespeichert werden.",
  keys_none: "Es gibt keine API-Schlüssel.",
  keys_ok: "Kein API-Schlüssel läuft bald ab.",
  keys_expiring: {
    one: "{expiring} API-Schlüssel läuft innerhalb von 14 Tagen ab.",
    other: "{expiring} API-Schlüssel laufen innerhalb von 14 Tagen ab.",
  },
  keys_expired: {
    one: "{expired} API-Schlüssel ist abgelaufen: Wer ihn benutzt, wird abgewiesen. Erstellen Sie einen neuen und widerrufen Sie den alten.",
    other:
      "{expired} API-Schlüssel sind abgelaufen: Wer einen davon benutzt, wird abgewiesen. Erstellen Sie neue und widerrufen Sie die alten.",
  },
  reload_none: "Die Konfiguration wurde seit dem Start nicht neu gelesen.",
  reload_ok: "Die Konfiguration wurde neu gelesen und gilt.",
  reload_failed: "Die Konfiguration wurde neu gelesen und abgelehnt; die vorige gilt weiter.",
  subjects_off: "Betreffe und Absender werden nicht gespeichert.",
  subjects_on: "Betreffe und Absender werden gespeichert; wer die Aktivität lesen darf, sieht sie.",
  bind_public_warning:
    "Der Server lauscht auf allen Adressen ({address}). Sie kommen über TLS, aber andere können den Proxy umgehen. Er läuft auf diesem Rechner; lassen Sie den Server darum nur auf diesem Rechner lauschen.",
  login_token_only_ok: "Es gibt keine Anmeldung; nur Token und Schlüssel öffnen die API.",
  reload_ok_warning: "Die Konfiguration wurde neu gelesen; ein Neustart ist nötig für {restartRequired}.",
};
