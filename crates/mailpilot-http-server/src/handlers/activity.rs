//! Activity: list, look, append, delete.

use http::StatusCode;
use mailpilot_storage::{ActivityFilter, Outcome};

use crate::{
    answer::{self, Response},
    body,
    error::ApiError,
    handlers::{
        accounts::require_known,
        paging::{self, Paging},
    },
    query::Query,
    service::Call,
    wire::{ActivityIn, ActivityView, IdsView, PageView, is_action_type},
};

const MAX_BATCH: usize = 1_000;
const MIN_SEARCH_CHARS: usize = 3;
const MAX_SEARCH_CHARS: usize = 200;
const MAX_ACTION_TYPES: usize = 32;

pub(super) async fn list(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let filter = filter(&mut query)?;
    let paging = Paging::of(&mut query)?;
    let wholly = query.one_of("total", &[("exact", ())])?.is_some();
    query.finish()?;
    require_known_account(&call, &filter).await?;
    let mut page = call
        .app
        .storage
        .activity_page(&filter, paging.request)
        .await?;
    if wholly && page.total_is_lower_bound {
        page.total = call.app.storage.count_all_activity(&filter).await?;
        page.total_is_lower_bound = false;
    }
    Ok(answer::ok(&PageView {
        entries: page.items.iter().map(ActivityView::from).collect(),
        total: page.total,
        total_is_lower_bound: page.total_is_lower_bound,
        page: paging.page,
        page_size: paging.request.size,
        total_pages: paging.pages(page.total),
        next_cursor: page.next.map(paging::write),
    }))
}

/// The filters that lists and exports share.
pub(super) fn filter(query: &mut Query<'_>) -> Result<ActivityFilter, ApiError> {
    let account = query.account("accountName")?;
    let mut actions: Vec<String> = Vec::new();
    if let Some(kind) = query.text("actionType")? {
        actions.push(action_type("actionType", &kind)?);
    }
    if let Some(list) = query.text("actionTypes")? {
        if list.split(',').count() > MAX_ACTION_TYPES {
            return Err(ApiError::invalid(
                "actionTypes",
                format!("at most {MAX_ACTION_TYPES} types of action"),
            ));
        }
        for kind in list.split(',') {
            actions.push(action_type("actionTypes", kind)?);
        }
    }
    actions.sort();
    actions.dedup();
    let outcome = query.one_of(
        "outcome",
        &[("ok", Outcome::Ok), ("failed", Outcome::Failed)],
    )?;
    let search = match query.text("search")? {
        Some(text) if !(MIN_SEARCH_CHARS..=MAX_SEARCH_CHARS).contains(&text.chars().count()) => {
            return Err(ApiError::invalid(
                "search",
                "`search` has 3 to 200 characters",
            ));
        }
        found => found.map(std::borrow::Cow::into_owned),
    };
    // A range that ends before it begins has no entries.
    let (from, to) = (query.time("startDate")?, query.time("endDate")?);
    Ok(ActivityFilter {
        account,
        actions,
        outcome,
        search,
        from,
        to,
    })
}

fn action_type(parameter: &'static str, kind: &str) -> Result<String, ApiError> {
    if is_action_type(kind) {
        Ok(kind.to_owned())
    } else {
        Err(ApiError::invalid(
            parameter,
            "a type of action has 1 to 64 characters out of A-Z a-z 0-9 . _ : -",
        ))
    }
}

pub(super) async fn require_known_account(
    call: &Call,
    filter: &ActivityFilter,
) -> Result<(), ApiError> {
    match &filter.account {
        Some(account) => require_known(call, account, "accountName").await,
        None => Ok(()),
    }
}

pub(super) async fn one(call: Call) -> Result<Response, ApiError> {
    let entry = call
        .app
        .storage
        .activity(id(&call)?)
        .await?
        .ok_or_else(unknown_entry)?;
    Ok(answer::ok(&ActivityView::from(&entry)))
}

fn id(call: &Call) -> Result<i64, ApiError> {
    call.parameter().parse().map_err(|_| unknown_entry())
}

fn unknown_entry() -> ApiError {
    ApiError::not_found(
        "unknown_entry",
        "there is no such entry; it may have been deleted or have aged out",
    )
}

/// Answers 201 only once everything is on disk: the store answers after its commit.
pub(super) async fn append(call: Call) -> Result<Response, ApiError> {
    let input: Vec<ActivityIn> = body::parse_one_or_list(&call.body, MAX_BATCH)?;
    let mut entries = Vec::with_capacity(input.len());
    for (at, entry) in input.into_iter().enumerate() {
        let entry = entry.into_activity(at)?;
        if !call.app.is_account(&entry.account) {
            return Err(ApiError::unconfigured_account(
                "accountName",
                entry.account.as_str(),
            ));
        }
        entries.push(entry);
    }
    let ids = call.app.storage.append_activity(entries).await?;
    Ok(answer::json(StatusCode::CREATED, &IdsView { ids }))
}

pub(super) async fn delete(call: Call) -> Result<Response, ApiError> {
    if call.app.storage.delete_activity(id(&call)?).await? {
        Ok(answer::no_content())
    } else {
        Err(unknown_entry())
    }
}

pub(super) async fn prune(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let before = query.time("before")?;
    query.finish()?;
    let before = before.ok_or_else(|| {
        ApiError::invalid(
            "before",
            "say `before=<date>`: entries older than that are deleted",
        )
    })?;
    let deleted = call.app.storage.delete_activity_before(before).await?;
    tracing::info!(deleted, principal = %call.caller.label(), "activity entries deleted");
    Ok(answer::no_content())
}
