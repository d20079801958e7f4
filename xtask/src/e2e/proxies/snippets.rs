//! The documented snippets of the three proxies and what each program needs around them to run in a folder.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::tools;

/// Which proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Nginx,
    Apache,
    Caddy,
}

/// Which of its documented set-ups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    /// HTTP.
    Plain,
    /// HTTPS, headers as the snippet sets them.
    Tls,
    /// HTTPS, with one line more that tells the server so.
    TlsTold,
    /// Below a prefix that the proxy takes off.
    Stripped,
    /// Below a prefix that the proxy passes on.
    Unstripped,
}

impl Variant {
    pub(super) fn tls(self) -> bool {
        matches!(self, Self::Tls | Self::TlsTold)
    }

    /// Whether the server learns that the client's connection is encrypted. The documented Apache snippet does not
    /// send `X-Forwarded-Proto`; nginx and Caddy do.
    pub(super) fn secure(self, kind: Kind) -> bool {
        self == Self::TlsTold || (self == Self::Tls && kind != Kind::Apache)
    }
}

impl Kind {
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache2",
            Self::Caddy => "caddy",
        }
    }
}

/// One proxy with its folder and ports.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) kind: Kind,
    pub(super) variant: Variant,
    pub(super) port: u16,
    pub(super) upstream: u16,
    pub(super) folder: PathBuf,
}

impl Instance {
    pub(super) fn config_path(&self) -> PathBuf {
        self.folder.join(match self.kind {
            Kind::Nginx => "nginx.conf",
            Kind::Apache => "apache.conf",
            Kind::Caddy => "Caddyfile",
        })
    }

    pub(super) fn config(&self) -> String {
        match self.kind {
            Kind::Nginx => self.nginx(),
            Kind::Apache => self.apache(),
            Kind::Caddy => self.caddy(),
        }
    }

    /// In the foreground, in the folder, as one process where the program can.
    pub(super) fn command(&self) -> Result<Command> {
        let program = self.kind.program();
        let mut command = Command::new(tools::find(program).context(program)?);
        command.current_dir(&self.folder);
        match self.kind {
            Kind::Nginx => {
                command
                    .arg("-p")
                    .arg(&self.folder)
                    .arg("-e")
                    .arg("stderr")
                    .arg("-c")
                    .arg(self.config_path());
            }
            Kind::Apache => {
                command
                    .arg("-X")
                    .arg("-d")
                    .arg(&self.folder)
                    .arg("-f")
                    .arg(self.config_path());
            }
            Kind::Caddy => {
                command
                    .args(["run", "--adapter", "caddyfile", "--config"])
                    .arg(self.config_path());
                for variable in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
                    command.env(variable, &self.folder);
                }
            }
        }
        Ok(command)
    }

    fn nginx(&self) -> String {
        let folder = self.folder.display();
        let site = match self.variant {
            Variant::Plain => self.nginx_site("", "/", ""),
            Variant::Tls | Variant::TlsTold => {
                let tls = format!(
                    "ssl_certificate {folder}/fullchain.pem;\nssl_certificate_key {folder}/privkey.pem;\n"
                );
                self.nginx_site(&tls, "/", "")
            }
            Variant::Stripped => self.nginx_site("", "/mail/", "/"),
            Variant::Unstripped => self.nginx_site("", "/mail/", ""),
        };
        format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n\
             access_log off;\nclient_body_temp_path body;\nproxy_temp_path proxy;\nfastcgi_temp_path fastcgi;\n\
             uwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n{site}}}\n"
        )
    }

    fn nginx_site(&self, tls: &str, location: &str, upstream_path: &str) -> String {
        let (port, upstream) = (self.port, self.upstream);
        let listen = if self.variant.tls() { " ssl http2" } else { "" };
        format!(
            "server {{
listen 127.0.0.1:{port}{listen};
server_name mailpilot.example.com;
{tls}location {location} {{
proxy_pass http://localhost:{upstream}{upstream_path};
proxy_set_header Host $host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
}}
}}
"
        )
    }

    fn apache(&self) -> String {
        let (folder, port, upstream) = (self.folder.display(), self.port, self.upstream);
        let modules: String = [
            "mpm_event",
            "authz_core",
            "proxy",
            "proxy_http",
            "ssl",
            "headers",
        ]
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .concat();
        let tls = if self.variant.tls() {
            "SSLEngine on\nSSLCertificateFile fullchain.pem\nSSLCertificateKeyFile privkey.pem\n"
        } else {
            ""
        };
        let told = if self.variant == Variant::TlsTold {
            "RequestHeader set X-Forwarded-Proto https\n"
        } else {
            ""
        };
        format!(
            "{modules}ServerName localhost\nPidFile apache.pid\nErrorLog error.log\nMutex file:{folder}\n\
             Listen 127.0.0.1:{port}\n
<VirtualHost *:{port}>
ServerName mailpilot.example.com
{tls}{told}ProxyPreserveHost On
ProxyPass / http://localhost:{upstream}/
ProxyPassReverse / http://localhost:{upstream}/
</VirtualHost>
"
        )
    }

    fn caddy(&self) -> String {
        let (port, upstream) = (self.port, self.upstream);
        let (scheme, tls) = if self.variant.tls() {
            ("https", "tls fullchain.pem privkey.pem\n")
        } else {
            ("http", "")
        };
        format!(
            "{{
admin off
auto_https off
default_bind 127.0.0.1
}}
{scheme}://mailpilot.example.com:{port} {{
{tls}reverse_proxy localhost:{upstream}
}}
"
        )
    }
}
