//! What must be true of every page in every state (WCAG 2.2 AA as far as a program can tell).

use super::scene::{CANARIES, Voter84};
use std::path::Path;

/// axe-core, where tests/run could get it.
fn axe() -> Option<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/axe/axe.min.js")).ok()
}

/// Looks at the page that is shown, keeps a picture, and fails with what is wrong.
pub fn look(voter: &mut Voter84, name: &str) {
    let b = &mut voter.browser;
    b.settle().unwrap(); // its style is there
    // Neither address nor title tells anything of a choice.
    let place = b.eval("location.href").unwrap().as_str().unwrap().to_owned();
    let title = b.eval("document.title").unwrap().as_str().unwrap().to_owned();
    assert!(!place.contains(['?', '#']), "{name}: {place}");
    assert!(CANARIES.iter().all(|name| !place.contains(name) && !title.contains(name)), "{name}: {place} {title}");
    assert!(title.contains(" · "), "{name}: a title that says which page: {title}");

    // Everything that is clicked is at least 24 px high and wide (2.5.8); what is not in a sentence is larger than 38.
    let small = "[...document.querySelectorAll('button, input:not([type=hidden]), a.button, summary, label.option')].filter(e => e.checkVisibility()) \
                 .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()]).filter(([, r]) => r.height < 24 || r.width < 24).map(([t]) => t)";
    assert_eq!(b.eval(small).unwrap(), serde_json::json!([]), "{name}: too small to hit");

    // A narrow screen (1.4.10) and type of twice the size (1.4.4): nothing is cut off, nothing scrolls sideways.
    for (width, size) in [(320, ""), (640, "237.5%")] {
        voter.browser.size(width, 900).unwrap();
        voter.browser.eval(&format!("document.documentElement.style.fontSize = '{size}'")).unwrap();
        let wide = "(() => { const w = document.documentElement.clientWidth; \
                    return [document.documentElement.scrollWidth > w, [...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && !e.closest('.hidden') && \
                    e.getBoundingClientRect().right > w + 1).map(e => e.outerHTML.slice(0, 80))] })()";
        assert_eq!(voter.browser.eval(wide).unwrap(), serde_json::json!([false, []]), "{name}: at {width} px, type {size}");
        if width == 320 {
            voter.picture(&format!("narrow/{name}"));
        }
        voter.browser.eval("document.documentElement.style.fontSize = ''").unwrap();
        voter.browser.size(1000, 1100).unwrap();
    }

    // Nothing moves for those who do not want it.
    let b = &mut voter.browser;
    b.prefer(&[("prefers-reduced-motion", "reduce")]).unwrap();
    let moving = "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).animationName !== 'none').length";
    assert_eq!(b.eval(moving).unwrap(), 0, "{name}: something moves");
    b.prefer(&[]).unwrap();

    match axe() {
        None => println!("SKIPPED: axe-core is not in target/axe (tests/run gets it)"),
        Some(script) => {
            b.eval(&format!("{script}; null")).unwrap();
            let run = "axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations.map(v => v.id + ': ' + v.help + ' ' + \
                       v.nodes.slice(0, 3).map(n => n.html + ' ' + n.failureSummary).join(' | ')))";
            assert_eq!(b.eval(run).unwrap(), serde_json::json!([]), "{name}: axe");
        }
    }
    voter.picture(name);
}
