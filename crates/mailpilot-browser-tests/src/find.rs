//! Finds things by role and accessible name, as Chromium tells them to a screen reader.
//!
//! What is hidden from a screen reader, or behind a modal dialog, is not found.

use std::fmt;

use serde_json::{Value, json};
use thirtyfour::error::WebDriverResult;

use crate::{Browser, Element};

/// Roles that take input.
const FIELDS: [&str; 9] = [
    "textbox",
    "searchbox",
    "combobox",
    "listbox",
    "checkbox",
    "radio",
    "switch",
    "spinbutton",
    "slider",
];

/// Any name at all, none included.
pub const ANY: Name = Name::Any;

/// A name that has `part` in it.
pub fn containing(part: &str) -> Name {
    Name::Containing(part.to_owned())
}

/// Which accessible name is meant. A `&str` is the whole name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The whole name.
    Is(String),
    /// A part of it.
    Containing(String),
    /// Whatever it is.
    Any,
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self::Is(name.to_owned())
    }
}

impl From<&String> for Name {
    fn from(name: &String) -> Self {
        Self::Is(name.clone())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(name) => write!(f, "“{name}”"),
            Self::Containing(part) => write!(f, "“…{part}…”"),
            Self::Any => f.write_str("of any name"),
        }
    }
}

impl Name {
    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Is(whole) => name == whole,
            Self::Containing(part) => name.contains(part.as_str()),
            Self::Any => true,
        }
    }
}

/// One node of the accessibility tree.
struct Node {
    backend: Value,
    role: String,
    name: String,
}

impl Browser {
    /// The one element of this role (`button`, `link`, `heading`, `row`, `dialog`, `status`, …) and name.
    /// Waits for it; panics if there are several.
    pub async fn by_role(&self, role: &str, name: impl Into<Name>) -> Element<'_> {
        self.only(&[role], &name.into()).await
    }

    /// The one field with this label.
    pub async fn by_label(&self, label: impl Into<Name>) -> Element<'_> {
        self.only(&FIELDS, &label.into()).await
    }

    /// All elements of this role and name that are there now, in the order of the page.
    pub async fn all_by_role(&self, role: &str, name: impl Into<Name>) -> Vec<Element<'_>> {
        // Fails only while the page is being replaced.
        self.find(&[role], &name.into()).await.unwrap_or_default()
    }

    /// How many there are now.
    pub async fn count(&self, role: &str, name: impl Into<Name>) -> usize {
        let nodes = self.nodes(&[role], &name.into()).await;
        nodes.map_or(0, |nodes| nodes.len())
    }

    /// The names of all elements of a role, in the order of the page.
    pub async fn names(&self, role: &str) -> Vec<String> {
        let nodes = self.nodes(&[role], &ANY).await.unwrap_or_default();
        nodes.into_iter().map(|node| node.name).collect()
    }

    /// Waits until there is no such element.
    pub async fn gone(&self, role: &str, name: impl Into<Name>) {
        let name = name.into();
        self.wait_for(&format!("{role} {name} to go away"), async || {
            self.count(role, name.clone()).await == 0
        })
        .await;
    }

    /// Clicks the one element of this role and name, as soon as it is there and nothing covers it.
    pub async fn click(&self, role: &str, name: impl Into<Name>) {
        let name = name.into();
        self.wait_for(
            &format!("{role} {name} to take a click"),
            async || match self.find(&[role], &name).await.as_deref() {
                Ok([element]) if element.inner.click().await.is_ok() => true,
                Ok([element]) => {
                    // WebDriver scrolls only to the edge, where a bar of the page may lie over it.
                    drop(element.inner.scroll_into_view().await);
                    false
                }
                _ => false,
            },
        )
        .await;
    }

    /// Puts `text` in place of what the field with this label holds.
    pub async fn fill(&self, label: impl Into<Name>, text: &str) {
        let label = label.into();
        self.wait_for(
            &format!("the field {label} to take text"),
            async || match self.find(&FIELDS, &label).await.as_deref() {
                Ok([field]) => {
                    field.inner.clear().await.is_ok() && field.inner.send_keys(text).await.is_ok()
                }
                _ => false,
            },
        )
        .await;
    }

    /// Chooses an option of the list with this label by its text.
    pub async fn choose(&self, label: impl Into<Name>, option: &str) {
        let label = label.into();
        let what = format!("the list {label} to offer “{option}”");
        self.wait_for(&what, async || {
            match self.find(&FIELDS, &label).await.as_deref() {
                Ok([list]) => list.choose(option).await,
                _ => false,
            }
        })
        .await;
    }

    /// What has the focus, as `button “Pause”`; empty when nothing has.
    pub async fn focused(&self) -> String {
        let active = self.evaluate("document.activeElement").await;
        let Some(object) = active["objectId"].as_str() else {
            return String::new();
        };
        let query = json!({"objectId": object, "fetchRelatives": false});
        let tree = self.devtools("Accessibility.getPartialAXTree", query).await;
        match tree["nodes"].get(0).and_then(node) {
            Some(node) if node.role != "RootWebArea" => format!("{} “{}”", node.role, node.name),
            _ => String::new(),
        }
    }

    /// Presses Tab until the focus is on the element of this role and name, as somebody without a mouse
    /// does; panics when it comes round without having been there.
    pub async fn tab_to(&self, role: &str, name: &str) {
        const MOST: usize = 200;
        let wanted = format!("{role} “{name}”");
        let mut seen = Vec::new();
        for _ in 0..MOST {
            let focused = self.focused().await;
            if focused == wanted {
                return;
            }
            seen.push(focused);
            self.press(thirtyfour::Key::Tab).await;
        }
        seen.dedup();
        let message = format!("Tab never comes to {wanted}, only to {}", seen.join(", "));
        self.fail(&message).await;
    }

    async fn only(&self, roles: &[&str], name: &Name) -> Element<'_> {
        let role = if roles.len() == 1 { roles[0] } else { "field" };
        self.wait_for(&format!("{role} {name}"), async || {
            self.nodes(roles, name)
                .await
                .is_ok_and(|nodes| !nodes.is_empty())
        })
        .await;
        let mut found = self.find(roles, name).await.unwrap_or_default();
        match (found.pop(), found.len()) {
            (Some(element), 0) => element,
            (_, more) => {
                self.fail(&format!("{} times {role} {name}", more + 1))
                    .await
            }
        }
    }

    pub(crate) async fn find(
        &self,
        roles: &[&str],
        name: &Name,
    ) -> WebDriverResult<Vec<Element<'_>>> {
        let mut elements = Vec::new();
        for node in self.nodes(roles, name).await? {
            let inner = self.element_of(&node).await?;
            elements.push(Element {
                browser: self,
                inner,
                what: format!("{} “{}”", node.role, node.name),
                name: node.name,
            });
        }
        Ok(elements)
    }

    async fn nodes(&self, roles: &[&str], name: &Name) -> WebDriverResult<Vec<Node>> {
        let page = json!({"expression": "document"});
        let document = self.driver.cdp().send_raw("Runtime.evaluate", page).await?;
        let mut query = json!({"objectId": document["result"]["objectId"]});
        if let [role] = roles {
            query["role"] = json!(role);
        }
        if let Name::Is(whole) = name {
            query["accessibleName"] = json!(whole);
        }
        let found = self
            .driver
            .cdp()
            .send_raw("Accessibility.queryAXTree", query)
            .await?;
        let nodes = found["nodes"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let fits = |node: &Node| roles.contains(&node.role.as_str()) && name.fits(&node.name);
        Ok(nodes.iter().filter_map(node).filter(fits).collect())
    }

    /// Chromium's node as WebDriver's element: handed over in a variable of the page.
    async fn element_of(&self, node: &Node) -> WebDriverResult<thirtyfour::WebElement> {
        let cdp = self.driver.cdp();
        let which = json!({"backendNodeId": node.backend});
        let resolved = cdp.send_raw("DOM.resolveNode", which).await?;
        let call = json!({
            "objectId": resolved["object"]["objectId"],
            "functionDeclaration": "function () { globalThis.handedOver = this }",
        });
        cdp.send_raw("Runtime.callFunctionOn", call).await?;
        let take = "const it = globalThis.handedOver; delete globalThis.handedOver; return it";
        self.driver.execute(take, Vec::new()).await?.element()
    }

    /// The value of an expression, as Chromium's remote object.
    async fn evaluate(&self, expression: &str) -> Value {
        let expression = json!({"expression": expression});
        self.devtools("Runtime.evaluate", expression).await["result"].take()
    }
}

/// None for nodes a screen reader does not hear of.
fn node(value: &Value) -> Option<Node> {
    let text = |member: &str| {
        value[member]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    (value["ignored"] != json!(true)).then(|| Node {
        backend: value["backendDOMNodeId"].clone(),
        role: text("role"),
        name: text("name"),
    })
}
