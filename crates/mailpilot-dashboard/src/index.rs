//! The one HTML document, for whatever path prefix the dashboard lives below.

const TEMPLATE: &str = include_str!(concat!(env!("OUT_DIR"), "/index.html"));

/// The page for a dashboard below `prefix`: empty for `/`, else such as `/mail`, without a slash at
/// the end.
///
/// A page knows its own depth no better than the server does, and the content security policy
/// forbids `<base>`; so addresses in it begin with the prefix, and scripts find it in the root
/// element's `data-base`. Make it once per prefix, compress and keep it: nothing else in it varies.
///
/// ```
/// let page = mailpilot_dashboard::index_html("/mail");
/// assert!(page.contains("data-base=\"/mail\""));
/// ```
#[must_use]
pub fn index_html(prefix: &str) -> String {
    TEMPLATE.replace("{{base}}", &escaped(prefix))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup;

    /// The values of all `src` and `href` attributes.
    fn addresses(page: &str) -> Vec<&str> {
        [" src=\"", " href=\""]
            .iter()
            .flat_map(|start| page.split(start).skip(1))
            .map(|rest| rest.split('"').next().unwrap())
            .collect()
    }

    #[test]
    fn every_address_in_the_page_lies_below_the_prefix_and_names_an_asset() {
        for prefix in ["", "/mail", "/a/b"] {
            let page = index_html(prefix);
            assert!(!page.contains("{{"), "{page}");
            assert!(page.contains(&format!("data-base=\"{prefix}\"")));
            let addresses = addresses(&page);
            assert!(addresses.len() >= 3, "{addresses:?}");
            for address in addresses {
                if address.starts_with("data:") {
                    continue;
                }
                let path = address.strip_prefix(prefix).unwrap();
                assert!(lookup(path).is_some(), "{address}");
            }
        }
    }

    #[test]
    fn a_prefix_cannot_break_out_of_its_attribute() {
        let page = index_html("/\"><script>&");
        assert!(page.contains("data-base=\"/&quot;&gt;&lt;script&gt;&amp;\""));
    }

    #[test]
    fn the_page_has_no_inline_script_style_or_handler() {
        let page = index_html("");
        assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" on"));
        assert!(!page.contains("<base"));
        for tag in page.split("<script").skip(1) {
            let (attributes, content) = tag.split_once('>').unwrap();
            assert!(
                attributes.contains("src=") && content.starts_with("</script>"),
                "{tag}"
            );
        }
    }
}
