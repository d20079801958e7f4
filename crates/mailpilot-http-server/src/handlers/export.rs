//! Export of activity: streamed with constant memory, as CSV, JSON or NDJSON.
//!
//! CSV is RFC 4180; cells that a spreadsheet would take for a formula are defused (OWASP CSV injection).

use std::{borrow::Cow, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::channel::{Channel, Sender};
use jiff::tz::TimeZone;
use mailpilot_clock::Timestamp;
use mailpilot_storage::{ActivityEntry, ActivityRows};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    answer::{self, AnswerBody, Interrupted, Response},
    app::fact,
    body,
    error::ApiError,
    handlers::activity::{filter, require_known_account},
    openapi::schemas,
    query::Query,
    service::Call,
    wire::{ActivityView, maybe_whole},
};

/// Batches that wait for a client: enough to keep it busy, few enough for constant memory.
const BATCHES: usize = 2;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ExportFormat)]
enum Format {
    #[default]
    Csv,
    Json,
    Ndjson,
}

impl Format {
    const ALL: [(&'static str, Self); 3] = [
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("ndjson", Self::Ndjson),
    ];

    const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    const fn attachment(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"mailpilot-activity.csv\"",
            Self::Json => "attachment; filename=\"mailpilot-activity.json\"",
            Self::Ndjson => "attachment; filename=\"mailpilot-activity.ndjson\"",
        }
    }
}

/// The largest whole number that JavaScript keeps exact.
pub(crate) const MAX_ROWS: u64 = (1 << 53) - 1;

/// Members of an entry that can be exported, in their usual order.
pub(crate) const COLUMNS: [&str; 14] = [
    "id",
    "createdAt",
    "accountName",
    "messageId",
    "subject",
    "from",
    "outcome",
    "actions",
    "error",
    "llmProvider",
    "llmModel",
    "confidence",
    "durationMs",
    "reasoning",
];

/// Defaults used when the query gives none.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = ExportSettings)]
pub(crate) struct Settings {
    format: Format,
    #[schema(schema_with = schemas::export_columns)]
    columns: Vec<String>,
    #[schema(schema_with = schemas::time_zone)]
    timezone: String,
    /// All rows if null.
    #[serde(deserialize_with = "maybe_whole")]
    #[schema(value_type = Option<schemas::RowCount>)]
    max_rows: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            format: Format::Csv,
            columns: COLUMNS.map(str::to_owned).to_vec(),
            timezone: "UTC".to_owned(),
            max_rows: None,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), ApiError> {
        if self.columns.is_empty()
            || self
                .columns
                .iter()
                .any(|column| !COLUMNS.contains(&column.as_str()))
        {
            return Err(ApiError::invalid(
                "columns",
                format!("`columns` is a list of {}", COLUMNS.join(", ")),
            ));
        }
        if (1..self.columns.len()).any(|at| self.columns[..at].contains(&self.columns[at])) {
            return Err(ApiError::invalid(
                "columns",
                "`columns` names a column twice",
            ));
        }
        zone(&self.timezone)?;
        if self
            .max_rows
            .is_some_and(|rows| !(1..=MAX_ROWS).contains(&rows))
        {
            return Err(ApiError::invalid(
                "maxRows",
                format!("`maxRows` is 1 to {MAX_ROWS}, or null for all rows"),
            ));
        }
        Ok(())
    }
}

fn zone(name: &str) -> Result<TimeZone, ApiError> {
    TimeZone::get(name).map_err(|_| {
        ApiError::invalid(
            "timezone",
            "`timezone` is an IANA name such as UTC or Europe/Berlin",
        )
    })
}

async fn load(call: &Call) -> Result<Settings, ApiError> {
    let stored = call.app.storage.setting(fact::EXPORT_SETTINGS).await?;
    Ok(stored
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

pub(super) async fn settings(call: Call) -> Result<Response, ApiError> {
    Ok(answer::ok(&load(&call).await?))
}

pub(super) async fn put_settings(call: Call) -> Result<Response, ApiError> {
    let settings: Settings = body::parse(&call.body)?;
    settings.check()?;
    let text = serde_json::to_string(&settings).map_err(|_| ApiError::internal())?;
    call.app
        .storage
        .put_setting(fact::EXPORT_SETTINGS, &text)
        .await?;
    Ok(answer::ok(&settings))
}

/// What the query says of the settings.
#[derive(Debug)]
struct Asked {
    format: Option<Format>,
    columns: Option<Vec<String>>,
    timezone: Option<String>,
    max_rows: Option<u64>,
}

impl Asked {
    fn of(query: &mut Query<'_>) -> Result<Self, ApiError> {
        let columns = query
            .text("columns")?
            .map(|names| names.split(',').map(str::to_owned).collect());
        Ok(Self {
            format: query.one_of("format", &Format::ALL)?,
            columns,
            timezone: query.text("timezone")?.map(Cow::into_owned),
            max_rows: query.parsed(
                "maxRows",
                format_args!("a whole number from 1 to {MAX_ROWS}"),
            )?,
        })
    }

    fn over(self, settings: Settings) -> Settings {
        Settings {
            format: self.format.unwrap_or(settings.format),
            columns: self.columns.unwrap_or(settings.columns),
            timezone: self.timezone.unwrap_or(settings.timezone),
            max_rows: self.max_rows.or(settings.max_rows),
        }
    }
}

pub(super) async fn export(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let asked = Asked::of(&mut query)?;
    let filter = filter(&mut query)?;
    query.finish()?;
    require_known_account(&call, &filter).await?;
    let settings = asked.over(load(&call).await?);
    settings.check()?;
    let permit = Arc::clone(&call.app.exports)
        .try_acquire_owned()
        .map_err(|_| {
            ApiError::too_many(
                "too_many_exports",
                "too many exports run; wait until one is done",
                Duration::from_secs(5),
            )
        })?;
    let format = settings.format;
    let rows = call.app.storage.export_activity(filter, settings.max_rows);
    let writer = Writer {
        format,
        zone: zone(&settings.timezone)?,
        columns: settings.columns,
        written: 0,
    };
    let (sender, channel) = Channel::new(BATCHES);
    tokio::spawn(async move {
        pump(rows, writer, sender).await;
        drop(permit);
    });
    let mut response = Response::new(AnswerBody::Pieces(channel));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static(format.attachment()),
    );
    Ok(response)
}

/// Sends batch after batch. A client that goes away closes the channel, which ends the query.
async fn pump(mut rows: ActivityRows, mut writer: Writer, mut sender: Sender<Bytes, Interrupted>) {
    let finished = async {
        let head = writer.head().map_err(|_| Stop::Broken)?;
        send(&mut sender, head).await?;
        while let Some(batch) = rows.next().await.map_err(|error| {
            tracing::error!(error = %error, "an export was cut short");
            Stop::Broken
        })? {
            let piece = writer.piece(&batch).map_err(|_| Stop::Broken)?;
            send(&mut sender, piece).await?;
        }
        send(&mut sender, writer.tail()).await
    };
    if matches!(finished.await, Err(Stop::Broken)) {
        sender.abort(Interrupted);
    }
}

/// Why an export ends early.
enum Stop {
    ClientGone,
    Broken,
}

async fn send(sender: &mut Sender<Bytes, Interrupted>, bytes: Vec<u8>) -> Result<(), Stop> {
    if bytes.is_empty() {
        return Ok(());
    }
    sender
        .send_data(bytes.into())
        .await
        .map_err(|_| Stop::ClientGone)
}

/// Turns entries into bytes.
struct Writer {
    format: Format,
    zone: TimeZone,
    columns: Vec<String>,
    written: u64,
}

/// An object whose members stand in the order of the columns, which a map of `serde_json` would not keep.
struct Row(Vec<(String, Value)>);

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A row could not be written. With the types at hand this does not happen; it is not worth a panic.
#[derive(Debug)]
struct Unwritable;

impl Writer {
    fn head(&self) -> Result<Vec<u8>, Unwritable> {
        match self.format {
            Format::Csv => {
                let mut csv = csv_writer();
                csv.write_record(&self.columns).map_err(|_| Unwritable)?;
                csv.into_inner().map_err(|_| Unwritable)
            }
            Format::Json => Ok(b"[".to_vec()),
            Format::Ndjson => Ok(Vec::new()),
        }
    }

    fn piece(&mut self, batch: &[ActivityEntry]) -> Result<Vec<u8>, Unwritable> {
        match self.format {
            Format::Csv => self.csv(batch),
            Format::Json | Format::Ndjson => self.json(batch),
        }
    }

    fn tail(&self) -> Vec<u8> {
        match self.format {
            Format::Csv | Format::Ndjson => Vec::new(),
            Format::Json => b"\n]\n".to_vec(),
        }
    }

    fn json(&mut self, batch: &[ActivityEntry]) -> Result<Vec<u8>, Unwritable> {
        let mut bytes = Vec::with_capacity(batch.len() * 512);
        for entry in batch {
            let separator: &[u8] = match (self.format, self.written) {
                (Format::Json, 0) => b"\n",
                (Format::Json, _) => b",\n",
                _ => b"",
            };
            bytes.extend_from_slice(separator);
            serde_json::to_writer(&mut bytes, &self.object(entry)?).map_err(|_| Unwritable)?;
            if self.format == Format::Ndjson {
                bytes.push(b'\n');
            }
            self.written += 1;
        }
        Ok(bytes)
    }

    /// The chosen columns of the entry as the API shows it.
    fn object(&self, entry: &ActivityEntry) -> Result<Row, Unwritable> {
        let Ok(Value::Object(mut all)) = serde_json::to_value(ActivityView::from(entry)) else {
            return Err(Unwritable);
        };
        all.insert(
            "createdAt".to_owned(),
            Value::String(self.local(entry.created_at)),
        );
        all.insert("outcome".to_owned(), Value::from(outcome(entry)));
        let chosen = self.columns.iter();
        Ok(Row(chosen
            .filter_map(|column| all.remove_entry(column))
            .collect()))
    }

    fn csv(&mut self, batch: &[ActivityEntry]) -> Result<Vec<u8>, Unwritable> {
        let mut csv = csv_writer();
        for entry in batch {
            for column in &self.columns {
                csv.write_field(defused(&self.cell(entry, column)))
                    .map_err(|_| Unwritable)?;
            }
            csv.write_record(None::<&[u8]>).map_err(|_| Unwritable)?;
            self.written += 1;
        }
        csv.into_inner().map_err(|_| Unwritable)
    }

    fn cell(&self, entry: &ActivityEntry, column: &str) -> String {
        let activity = &entry.activity;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        match column {
            "id" => entry.id.to_string(),
            "createdAt" => self.local(entry.created_at),
            "accountName" => activity.account.to_string(),
            "messageId" => activity.message_id.clone(),
            "subject" => text(&activity.subject),
            "from" => text(&activity.from),
            "outcome" => outcome(entry).to_owned(),
            "actions" => {
                let words: Vec<String> = activity
                    .actions
                    .iter()
                    .map(|action| match &action.folder {
                        Some(folder) => format!("{}:{folder}", action.kind),
                        None => action.kind.clone(),
                    })
                    .collect();
                words.join("; ")
            }
            "error" => text(&activity.error),
            "llmProvider" => text(&activity.llm_provider),
            "llmModel" => text(&activity.llm_model),
            "confidence" => activity
                .confidence
                .map(|c| c.to_string())
                .unwrap_or_default(),
            "durationMs" => activity
                .duration
                .map(|d| (d.as_secs_f64() * 1_000.0).to_string())
                .unwrap_or_default(),
            "reasoning" => text(&activity.reasoning),
            _ => String::new(),
        }
    }

    /// RFC 3339 with the offset of the chosen zone.
    fn local(&self, at: Timestamp) -> String {
        match jiff::Timestamp::from_millisecond(at.as_millis()) {
            Ok(instant) => {
                let zoned = instant.to_zoned(self.zone.clone());
                instant.display_with_offset(zoned.offset()).to_string()
            }
            Err(_) => at.to_string(),
        }
    }
}

const fn outcome(entry: &ActivityEntry) -> &'static str {
    if entry.activity.error.is_some() {
        "failed"
    } else {
        "ok"
    }
}

fn csv_writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new())
}

/// A cell no spreadsheet takes for a formula.
fn defused(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use mailpilot_engine::{Action, Activity};

    use super::*;

    fn entry(subject: &str) -> ActivityEntry {
        ActivityEntry {
            id: 1,
            created_at: Timestamp::from_millis(1_700_000_000_000),
            activity: Activity {
                message_id: "<a@b>".to_owned(),
                account: "personal".parse().unwrap(),
                actions: vec![Action {
                    kind: "move".to_owned(),
                    folder: Some("Lists".to_owned()),
                    ..Action::default()
                }],
                subject: Some(subject.to_owned()),
                from: None,
                llm_provider: None,
                llm_model: None,
                confidence: None,
                reasoning: None,
                duration: None,
                error: None,
                created_at: None,
                idempotency_key: None,
            },
        }
    }

    fn written(format: Format, zone_name: &str, columns: &[&str], subjects: &[&str]) -> String {
        let columns = columns.iter().map(|c| (*c).to_owned()).collect();
        let mut writer = Writer {
            format,
            zone: zone(zone_name).unwrap(),
            columns,
            written: 0,
        };
        let entries: Vec<_> = subjects.iter().map(|s| entry(s)).collect();
        let mut all = writer.head().unwrap();
        all.extend(writer.piece(&entries).unwrap());
        all.extend(writer.tail());
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn csv_cells_are_quoted_and_defused() {
        let csv = written(
            Format::Csv,
            "UTC",
            &["subject", "actions"],
            &["=1+1", "a,\"b\"\nc", "@x", "-1", "fine"],
        );
        assert_eq!(
            csv,
            "subject,actions\r\n'=1+1,move:Lists\r\n\"a,\"\"b\"\"\nc\",move:Lists\r\n'@x,move:Lists\r\n'-1,move:Lists\r\nfine,move:Lists\r\n"
        );
    }

    #[test]
    fn json_is_one_array_and_ndjson_one_object_a_line() {
        let json: Value = serde_json::from_str(&written(
            Format::Json,
            "UTC",
            &["id", "outcome"],
            &["a", "b"],
        ))
        .unwrap();
        assert_eq!(
            json,
            serde_json::json!([{"id":1,"outcome":"ok"},{"id":1,"outcome":"ok"}])
        );
        assert_eq!(
            written(Format::Json, "UTC", &["id"], &[])
                .split_whitespace()
                .collect::<String>(),
            "[]"
        );
        assert_eq!(
            written(Format::Ndjson, "UTC", &["id"], &["a", "b"]),
            "{\"id\":1}\n{\"id\":1}\n"
        );
    }

    #[test]
    fn dates_carry_the_offset_of_the_zone() {
        assert!(
            written(Format::Csv, "UTC", &["createdAt"], &["a"])
                .contains("2023-11-14T22:13:20+00:00")
        );
        assert!(
            written(Format::Csv, "Europe/Berlin", &["createdAt"], &["a"])
                .contains("2023-11-14T23:13:20+01:00")
        );
    }
}
