//! Log lines: list, look, append, delete.

use http::StatusCode;
use mailpilot_engine::LogLevel;
use mailpilot_storage::LogFilter;

use crate::{
    answer::{self, Response},
    body,
    error::ApiError,
    handlers::{
        accounts::require_known,
        paging::{self, Paging},
    },
    service::Call,
    wire::{IdsView, LevelsView, LogIn, LogView, LogsPageView},
};

const MAX_BATCH: usize = 1_000;
const MAX_SEARCH_CHARS: usize = 200;

pub(super) async fn list(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let level = query.one_of("level", &LogLevel::ALL.map(|level| (level.name(), level)))?;
    let account = query.account("accountName")?;
    let search = query.text("search")?.map(std::borrow::Cow::into_owned);
    if search
        .as_ref()
        .is_some_and(|text| text.chars().count() > MAX_SEARCH_CHARS)
    {
        return Err(ApiError::invalid(
            "search",
            "`search` has at most 200 characters",
        ));
    }
    // A range that ends before it begins has no lines.
    let (from, to) = (query.time("startDate")?, query.time("endDate")?);
    let paging = Paging::of(&mut query)?;
    let counts = query.one_of("counts", &[("true", true), ("false", false)])?;
    query.finish()?;
    if let Some(account) = &account {
        require_known(&call, account, "accountName").await?;
    }
    let filter = LogFilter {
        level,
        account,
        search,
        from,
        to,
    };
    let page = call.app.storage.log_page(&filter, paging.request).await?;
    let levels = match counts {
        Some(true) => Some(call.app.storage.log_levels(&filter).await?),
        Some(false) | None => None,
    };
    Ok(answer::ok(&LogsPageView {
        logs: page.items.iter().map(LogView::from).collect(),
        total: page.total,
        total_is_lower_bound: page.total_is_lower_bound,
        page: paging.page,
        page_size: paging.request.size,
        total_pages: paging.pages(page.total),
        next_cursor: page.next.map(paging::write),
        levels: levels.as_ref().map(LevelsView::from),
        levels_cut_short: levels.map(|levels| levels.cut_short),
    }))
}

pub(super) async fn one(call: Call) -> Result<Response, ApiError> {
    let id = call.parameter().parse().map_err(|_| unknown_line())?;
    let line = call.app.storage.log_line(id).await?;
    let line = line.ok_or_else(unknown_line)?;
    Ok(answer::ok(&LogView::from(&line)))
}

fn unknown_line() -> ApiError {
    ApiError::not_found(
        "unknown_line",
        "there is no such log line; it may have been deleted or have aged out",
    )
}

pub(super) async fn append(call: Call) -> Result<Response, ApiError> {
    let input: Vec<LogIn> = body::parse_one_or_list(&call.body, MAX_BATCH)?;
    let mut records = Vec::with_capacity(input.len());
    for (at, line) in input.into_iter().enumerate() {
        let record = line.into_record(at)?;
        if let Some(account) = &record.account
            && !call.app.is_account(account)
        {
            return Err(ApiError::unconfigured_account(
                "accountName",
                account.as_str(),
            ));
        }
        records.push(record);
    }
    let ids = call.app.storage.append_logs(records).await?;
    Ok(answer::json(StatusCode::CREATED, &IdsView { ids }))
}

pub(super) async fn delete(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let before = query.time("before")?;
    query.finish()?;
    let deleted = call.app.storage.delete_logs(before).await?;
    tracing::info!(deleted, principal = %call.caller.label(), "log lines deleted");
    Ok(answer::no_content())
}
