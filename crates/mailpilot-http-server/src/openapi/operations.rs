//! What each endpoint says of itself. The `match` has no wildcard: an endpoint without its entry does
//! not compile.

use utoipa::{
    PartialSchema,
    openapi::{
        Content, ContentBuilder, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::ObjectBuilder,
    },
};

use super::{
    draft::Draft,
    parameters::{
        account, account_in_path, activity_filter, columns, entry_in_path, in_path, list, optional,
        paging, time,
    },
    schemas,
};
use crate::{
    endpoint::Endpoint,
    event_stream::Heartbeat,
    handlers::{
        CanIView, ChecksView, ConfigView, ExportSettings, HealthView, ReloadedView, StatusView,
    },
    wire::{
        AccountEvent, AccountIn, AccountView, AccountsView, ActivityIn, ActivityView,
        AuthStateView, ControlView, GoneAccountEvent, IdsView, KeysView, LogIn, LogView, LoginIn,
        LogsPageView, MadeKeyView, NewKeyIn, PageView, PasswordIn, ReportIn, SeriesView,
        SessionsView, SetupIn, SignedInView, StatsView, SuccessView, TimelineView,
    },
};

/// Most entries of a list that is sent.
const BATCH: usize = 1_000;
const COOKIE: &[(&str, &str)] = &[("Set-Cookie", "The session.")];
const SUBMITTED: &str = "On disk.";
const DONE: &str = "Done.";

/// The description of `endpoint`; none for pages and assets.
pub(super) fn draft(endpoint: Endpoint) -> Option<Draft> {
    Some(match endpoint {
        Endpoint::Health => health(),
        Endpoint::HealthLive => Draft::new("health", "getLiveness", "Whether the process lives")
            .answers::<StatusView>("200", "It does."),
        Endpoint::HealthReady => Draft::new("health", "getReadiness", "Whether the server may be sent requests")
            .answers::<StatusView>("200", "It may. While it starts or stops, the answer is 503."),
        Endpoint::Metrics => metrics(),
        Endpoint::AuthState => Draft::new("session", "getAuthState", "Who is asking, and what is open to them")
            .answers::<AuthStateView<'_>>("200", "For a wrong credential as for none."),
        Endpoint::Setup => setup(),
        Endpoint::Login => Draft::new("session", "login", "Log in")
            .about("Five failures from one address within 15 minutes are followed by 429.")
            .takes::<LoginIn>()
            .answers_with::<SignedInView<'_>>("200", "Logged in.", COOKIE)
            .fails(["401", "403", "429"]),
        Endpoint::Logout => Draft::new("session", "logout", "Log out")
            .answers_with::<SuccessView>("200", "Logged out, or never in.", COOKIE)
            .fails(["403"]),
        Endpoint::ChangePassword => Draft::new("session", "changePassword", "Change the password")
            .about("Ends the other sessions; the caller goes on under a new one.")
            .takes::<PasswordIn>()
            .answers_with::<SignedInView<'_>>("200", "Changed.", COOKIE),
        Endpoint::Sessions => Draft::new("session", "listSessions", "List sessions")
            .answers::<SessionsView>("200", "The live sessions."),
        Endpoint::RevokeSession => Draft::new("session", "endSession", "End one session")
            .path(in_path("id", schemas::any_text(), "The `id` of the session."))
            .answers_nothing("Ended, its event streams too."),
        Endpoint::RevokeOtherSessions => Draft::new("session", "endOtherSessions", "End all other sessions")
            .answers_nothing("Ended, their event streams too."),
        Endpoint::Keys => Draft::new("keys", "listKeys", "List API keys")
            .answers::<KeysView>("200", "Keys of the configuration and keys made here; never the keys themselves."),
        Endpoint::MakeKey => Draft::new("keys", "makeKey", "Make an API key")
            .takes::<NewKeyIn>()
            .answers::<MadeKeyView<'_>>("201", "Made. The key is shown this once.")
            .fails(["409"]),
        Endpoint::RevokeKey => Draft::new("keys", "revokeKey", "Revoke an API key")
            .path(in_path("name", schemas::any_text(), "The name of the key."))
            .answers_nothing("Revoked: it stops working at once, on open event streams too.")
            .fails(["404", "409"]),
        Endpoint::CanI => can_i(),
        Endpoint::Stats => stats(),
        Endpoint::Series => series(),
        Endpoint::Timeline => timeline(),
        Endpoint::Report => report(),
        Endpoint::ResetStats => Draft::new("stats", "resetStats", "Start totals and series again from zero")
            .query([account("account", "Only of this account.")])
            .answers_nothing(DONE)
            .fails(["404"]),
        Endpoint::ActivityList => Draft::new("activity", "listActivity", "List activity, newest first")
            .query(activity_filter())
            .query(paging())
            .query([optional("total", schemas::words(["exact"]), "Count beyond 10 000, which may take seconds.")])
            .answers::<PageView<'_>>("200", "A page.")
            .fails(["404"]),
        Endpoint::ActivityEntry => Draft::new("activity", "getActivity", "One activity entry")
            .path(entry_in_path())
            .answers::<ActivityView<'_>>("200", "The entry.")
            .fails(["404"]),
        Endpoint::AppendActivity => append_activity(),
        Endpoint::DeleteActivityEntry => Draft::new("activity", "deleteActivity", "Delete one entry")
            .path(entry_in_path())
            .answers_nothing("Deleted; totals do not change.")
            .fails(["404"]),
        Endpoint::PruneActivity => Draft::new("activity", "pruneActivity", "Delete entries before a date")
            .query([required(time("before", "Older entries are deleted."))])
            .answers_nothing("Deleted; totals do not change."),
        Endpoint::Logs => logs(),
        Endpoint::LogLine => Draft::new("logs", "getLogLine", "One log line")
            .path(in_path("id", schemas::whole(1, i64::MAX.unsigned_abs()), "The number of the line."))
            .answers::<LogView<'_>>("200", "The line.")
            .fails(["404"]),
        Endpoint::AppendLogs => Draft::new("logs", "appendLogs", "Append log lines")
            .takes_batch::<LogIn>(BATCH)
            .answers::<IdsView>("201", SUBMITTED)
            .fails(["404"]),
        Endpoint::DeleteLogs => Draft::new("logs", "deleteLogs", "Delete log lines")
            .query([time("before", "Only older lines.")])
            .answers_nothing("Deleted."),
        Endpoint::Export => export(),
        Endpoint::ExportSettings => Draft::new("export", "getExportSettings", "Defaults of the export")
            .answers::<ExportSettings>("200", "The defaults."),
        Endpoint::PutExportSettings => Draft::new("export", "putExportSettings", "Change the defaults of the export")
            .about("A member that is left out goes back to what it is on a new server.")
            .takes::<ExportSettings>()
            .answers::<ExportSettings>("200", "The new defaults."),
        Endpoint::Accounts => Draft::new("accounts", "listAccounts", "List accounts")
            .answers::<AccountsView<'_>>("200", "All accounts."),
        Endpoint::Account => Draft::new("accounts", "getAccount", "One account")
            .path(account_in_path())
            .answers::<AccountView<'_>>("200", "The account.")
            .fails(["404"]),
        Endpoint::PutAccount => put_account(),
        Endpoint::DeleteAccount => Draft::new("accounts", "deleteAccount", "Remove an account, or what was changed about it")
            .about("An account of the configuration goes back to what stands there; one made here is gone.")
            .path(account_in_path())
            .answers_nothing(DONE)
            .fails(["404", "409"]),
        Endpoint::PauseAccount => command("pauseAccount", "Pause an account", "Stays paused over a restart."),
        Endpoint::ResumeAccount => command("resumeAccount", "Resume an account", "Ends a pause."),
        Endpoint::ReconnectAccount => command("reconnectAccount", "Reconnect an account", "Asks for a new connection."),
        Endpoint::ProcessAccount => command("processAccount", "Process an account's mail now", "Asks not to wait."),
        Endpoint::Check => Draft::new("accounts", "check", "Whether the installation is set up wisely")
            .about("What is judged is this very request and the server it reaches: ask as users do, through the proxy.")
            .answers::<ChecksView<'_>>("200", "The findings, in a fixed order."),
        Endpoint::Config => Draft::new("accounts", "getConfig", "Effective configuration")
            .answers::<ConfigView<'_>>("200", "Every value and where it comes from; secrets as `{\"configured\": true}`."),
        Endpoint::ReloadConfig => Draft::new("accounts", "reloadConfig", "Read the configuration again")
            .answers::<ReloadedView>("200", "In force, apart from what waits for a restart.")
            .fails(["422"]),
        Endpoint::Events => events(),
        Endpoint::OpenApi => Draft::new("health", "getOpenApi", "This document").response(
            "200",
            "OpenAPI 3.1.",
            [("application/json", content(object()))],
            &[],
        ),
        Endpoint::PageNow
        | Endpoint::PageActivity
        | Endpoint::PageActivityEntry
        | Endpoint::PageAccounts
        | Endpoint::PageAccount
        | Endpoint::PageLogs
        | Endpoint::PageSystem
        | Endpoint::PageLogin
        | Endpoint::PageSetup
        | Endpoint::Asset => return None,
    })
}

fn health() -> Draft {
    Draft::new(
        "health",
        "getHealth",
        "Health of the accounts and the store",
    )
    .about("`degraded`: an account that is not paused is neither connected nor connecting.")
    .answers::<HealthView<'_>>("200", "Healthy or degraded.")
    .answers::<HealthView<'_>>("503", "The database fails, or the server is stopping.")
}

fn metrics() -> Draft {
    Draft::new("health", "getMetrics", "Metrics for Prometheus").response(
        "200",
        "Text format 0.0.4.",
        [("text/plain", content(schemas::any_text()))],
        &[],
    )
}

fn setup() -> Draft {
    Draft::new("session", "setUp", "Create the administrator")
        .about("Of several visitors at once exactly one succeeds; the others get 409.")
        .takes::<SetupIn>()
        .answers_with::<SignedInView<'_>>("200", "Created and logged in.", COOKIE)
        .fails(["403", "409", "429"])
}

fn can_i() -> Draft {
    Draft::new("keys", "canI", "Whether a key opens a path")
        .about("Nothing is sent to the path. What counts is what is in force now: permissions, expiry, `server.metrics_auth`.")
        .query([
            required(optional("key", schemas::KeyName::schema(), "The name of the key.")),
            optional("method", schemas::asked_method(), "The method; GET if left out."),
            required(optional(
                "path",
                any_path(),
                "The path, with or without the base path; of a query, `types` and `controls` of `/api/events` count.",
            )),
        ])
        .answers::<CanIView<'_>>("200", "Yes or no, and why.")
        .fails(["404"])
}

fn any_path() -> ObjectBuilder {
    schemas::any_text()
        .pattern(Some("^/"))
        .examples(["/api/logs"])
}

fn stats() -> Draft {
    Draft::new("stats", "getStats", "Totals")
        .query([
            account("account", "Only this account."),
            optional(
                "period",
                schemas::words(["day", "week", "month", "all"]),
                "The last 1, 7 or 30 days; everything if left out.",
            ),
        ])
        .answers::<StatsView<'_>>("200", "Totals, states and quantiles.")
        .fails(["404"])
}

fn series() -> Draft {
    Draft::new("stats", "getSeries", "Points over time")
        .about(
            "At most 1 500 points: a `step` too short for the range is widened, `step` in the answer says to what. A \
             range that ends before it begins has no points.",
        )
        .query([
            time("from", "Begin; a day before `to` if left out."),
            time("to", "End; now if left out."),
            optional("step", schemas::step(), "Whole minutes: seconds, or as in `5m`, `1h`, `1d`."),
            account("account", "Only this account."),
        ])
        .answers::<SeriesView<'_>>("200", "Every point of the range, the empty ones too.")
        .fails(["404"])
}

fn timeline() -> Draft {
    Draft::new("stats", "getTimeline", "States and counts of accounts over time")
        .about(
            "For each account, in the order of their names, one column of states, one of mails and one of errors. At most \
             400 slices: a `step` too short for the range is widened, `step` in the answer says to what. `from` is \
             rounded down to its minute, and slice `i` begins at `from` and `i` steps; the last one may reach beyond `to`. \
             The state is the gravest of the slice: error, disconnected, stalled, connecting, paused, connected. It is \
             null where nothing is known: the server was not running, the account did not exist or had not been heard of.",
        )
        .query([
            time("from", "Begin; a day before `to` if left out."),
            time("to", "End; now if left out."),
            optional(
                "step",
                schemas::step(),
                "Whole minutes: seconds, or as in `5m`, `1h`, `1d`; `15m` if left out.",
            ),
            account("account", "Only this account."),
        ])
        .answers::<TimelineView<'_>>("200", "All accounts of the configuration, or the one.")
        .fails(["404"])
}

fn report() -> Draft {
    Draft::new("stats", "report", "Report from an outside worker")
        .about("Adds to totals, series and metrics, and sets the state of the account.")
        .takes_batch::<ReportIn>(BATCH)
        .answers_nothing(SUBMITTED)
        .fails(["404"])
}

fn append_activity() -> Draft {
    Draft::new("activity", "appendActivity", "Append activity")
        .about(
            "Each entry is one processed mail; one with `error` is one error too, and its actions do not count. All \
             entries of a list are stored or none.",
        )
        .takes_batch::<ActivityIn>(BATCH)
        .answers::<IdsView>("201", "On disk. The ids stand in the order of the entries.")
        .fails(["404"])
}

fn logs() -> Draft {
    Draft::new("logs", "listLogs", "List log lines, newest first")
        .query([
            optional(
                "level",
                schemas::LogLevel::schema(),
                "This level and graver ones.",
            ),
            account("accountName", "Lines about this account."),
            optional(
                "search",
                schemas::text(1, 200),
                "Part of the message, in any case.",
            ),
            time("startDate", "Lines from then on."),
            time("endDate", "Lines up to then."),
            optional(
                "counts",
                schemas::yes_or_no(),
                "Whether to count the lines of each level too, whatever `level` says.",
            ),
        ])
        .query(paging())
        .answers::<LogsPageView<'_>>("200", "A page.")
        .fails(["404"])
}

fn export() -> Draft {
    let entries = schemas::list_of(object());
    Draft::new("export", "exportActivity", "Export activity")
        .about("Streamed, newest first. What the query leaves out comes from the export settings.")
        .query([optional(
            "format",
            schemas::words(["csv", "json", "ndjson"]),
            "The format.",
        )])
        .query([
            columns("The columns, in this order."),
            optional("timezone", schemas::time_zone(), "The zone of dates."),
            optional(
                "maxRows",
                schemas::whole(1, (1 << 53) - 1),
                "At most this many entries.",
            ),
        ])
        .query(activity_filter())
        .response(
            "200",
            "The file. CSV is RFC 4180; cells that begin like a formula are prefixed by `'`.",
            [
                ("text/csv", content(schemas::any_text())),
                (
                    "application/json",
                    ContentBuilder::new().schema(Some(entries)).build(),
                ),
                ("application/x-ndjson", content(schemas::any_text())),
            ],
            &[("Content-Disposition", "`attachment` and a file name.")],
        )
        .fails(["404", "429"])
}

fn put_account() -> Draft {
    Draft::new("accounts", "putAccount", "Add or change an account")
        .about(
            "Checked as the configuration is, and laid over it. A password that is left out keeps its value. Members \
             that are not listed here are kept for the mail engine and never shown.",
        )
        .path(account_in_path())
        .takes::<AccountIn>()
        .answers::<AccountView<'_>>("200", "Changed.")
        .answers::<AccountView<'_>>("201", "Added.")
}

fn command(id: &str, summary: &str, about: &str) -> Draft {
    Draft::new("accounts", id, summary)
        .about(about)
        .path(account_in_path())
        .answers::<ControlView>("200", "Carried out, or passed to the worker that listens.")
        .fails(["404", "409", "502"])
}

fn events() -> Draft {
    let mut draft = Draft::new("events", "streamEvents", "Live events")
        .about(
            "Server-sent events. `event:` is the type: `stats` has the schema `Stats`, `activity` has `Activity`, `logs` \
             has `LogLine`, `accounts` has `AccountEvent` or `GoneAccountEvent`. Every event has an `id:`; who comes \
             back with it in `Last-Event-ID` gets what was missed. What has been dropped in between, because the reader \
             was slow or away too long, is told by `event: skipped` with `{\"count\": <n or null>}`. `retry:` says how long to \
             wait before coming back. A comment every 15 seconds shows that the stream lives. It ends when its \
             credential is revoked and when the server stops.",
        )
        .query([
            list::<schemas::EventType>("types", 4, "All that the credential may read if left out."),
            list::<schemas::AccountName>(
                "controls",
                1_000,
                "Accounts whose commands the caller carries out. While the stream is open they can be paused, resumed, \
                 reconnected and processed, and each order comes as an `accounts` event with `command`. Needs \
                 `write:stats`, and `accounts` among `types`.",
            ),
            optional(
                "lastEventId",
                schemas::whole(0, u64::MAX),
                "As the header `Last-Event-ID`, which goes before it: for clients that cannot set headers.",
            ),
            optional(
                "heartbeat",
                schemas::words(Heartbeat::ALL.map(Heartbeat::name)),
                "`event`: `event: heartbeat` without `id:` instead of a comment (the default), for browsers, which hide \
                 comments from a page.",
            ),
        ])
        .path(last_event_id())
        .response("200", "The stream.", [("text/event-stream", content(schemas::any_text()))], &[
            ("X-Accel-Buffering", "`no`, for nginx."),
        ])
        .fails(["404"]);
    draft.reference::<StatsView<'_>>();
    draft.reference::<ActivityView<'_>>();
    draft.reference::<LogView<'_>>();
    draft.reference::<AccountEvent<'_>>();
    draft.reference::<GoneAccountEvent<'_>>();
    draft
}

fn last_event_id() -> Parameter {
    ParameterBuilder::new()
        .name("Last-Event-ID")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .schema(Some(schemas::any_text()))
        .description(Some(
            "`id` of the last event that was seen. Anything else counts as not given.",
        ))
        .build()
}

fn required(mut parameter: Parameter) -> Parameter {
    parameter.required = Required::True;
    parameter
}

fn content(schema: impl Into<utoipa::openapi::Schema>) -> Content {
    ContentBuilder::new().schema(Some(schema.into())).build()
}

fn object() -> utoipa::openapi::Object {
    schemas::free_object()
}
