//! The whole way of a voter; every page in every state is looked at (pictures in target/page-pictures).

use super::look::look;
use super::scene::{CANARIES, Voter84, browser_is_there, practice, real};
use std::time::Instant;

#[test]
fn every_page_from_the_first_to_the_receipt() {
    if !browser_is_there() {
        return;
    }
    let town = real();
    let mut voter = Voter84::arrive(town, "walk");
    assert!(voter.browser.text("main").unwrap().contains("This is a real election"), "{}", voter.browser.text("main").unwrap());
    look(&mut voter, "01-start");
    voter.browser.click("form[action='/identify'] button").unwrap();
    look(&mut voter, "02-identify");
    voter.visit("/");
    voter.log_in(town, 0);
    look(&mut voter, "03-overview");

    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.at("/contest/1");
    // Nothing is chosen beforehand, and nothing chosen is not an answer.
    assert_eq!(voter.browser.eval("document.querySelectorAll('input:checked').length").unwrap(), 0);
    voter.go_on();
    voter.told("You chose 0, but at least 1 must be chosen.");
    look(&mut voter, "04-limit");
    voter.visit("/overview");
    voter.choose_all();
    for n in 1..=5 {
        voter.visit(&format!("/contest/{n}"));
        look(&mut voter, &format!("05-contest-{n}"));
    }
    voter.visit("/review");
    voter.browser.eval("document.querySelector('details.doubt').open = true").unwrap();
    look(&mut voter, "06-review");
    let review = voter.browser.text("main").unwrap();
    for words in [CANARIES[0], CANARIES[1], CANARIES[2], "Vaba Mets", "Finn", "Cod", "Park: 7"] {
        assert!(review.contains(words), "the review says {words}: {review}");
    }
    let order = "[...document.querySelectorAll('ol.choice li')].map(e => e.innerText).join()";
    assert_eq!(voter.browser.eval(order).unwrap(), "Cod,Amber");

    let clicked = Instant::now();
    voter.sign();
    println!("from the click on `sign` to the confirmed receipt, in Chromium over loopback: {:.2} s", clicked.elapsed().as_secs_f64());
    voter.browser.eval("document.querySelectorAll('main details').forEach(d => d.open = true)").unwrap();
    assert!(!voter.browser.text("#second-code").unwrap().is_empty(), "the code can be typed where a QR code cannot be seen");
    look(&mut voter, "07-receipt");
    let tracker = voter.browser.text(".tracker").unwrap();
    voter.browser.click("form[action='/look'] button").unwrap();
    voter.at("/overview");
    look(&mut voter, "08-in-the-box");
    let said = voter.browser.text("#box").unwrap();
    assert!(said.contains(&tracker) && said.contains("This one counts") && said.contains("Cast from this computer"), "{said}");
    assert_eq!(voter.browser.complaints, Vec::<String>::new(), "nothing went wrong in the browser, nothing went elsewhere");
    voter.browser.click("form[action='/quit'] button").unwrap();
    voter.at("/bye");
    assert_eq!(voter.page.ended(), Some(0), "the program ends with the page");
}

#[test]
fn every_language_on_a_real_page_and_forced_colours() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let mut voter = Voter84::arrive(town, "languages");
    voter.log_in(town, 1);
    let mut heads = Vec::new();
    for code in ["et", "ru", "uk", "lv", "en"] {
        voter.browser.click(&format!("button[name=lang][value={code}]")).unwrap();
        voter.browser.until(&format!("document.documentElement.lang === '{code}' && document.readyState === 'complete'")).unwrap();
        heads.push(voter.browser.text("#box h2").unwrap());
        look(&mut voter, &format!("10-overview-{code}"));
        let text = voter.browser.text("body").unwrap();
        assert!(text.contains("Põhjaranna ringkond") && text.contains("Mayor"), "names are not translated: {text}");
    }
    heads.dedup();
    assert_eq!(heads.len(), 5);
    // A page that reads from the right still fits, and names keep their own direction.
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.tick("4");
    voter.browser.eval("document.documentElement.dir = 'rtl'").unwrap();
    look(&mut voter, "11-right-to-left");
    voter.browser.prefer(&[("forced-colors", "active")]).unwrap();
    let marked = "getComputedStyle(document.querySelector('input:checked').closest('label')).outlineStyle";
    assert_eq!(voter.browser.eval(marked).unwrap(), "solid", "what is chosen is marked without colours");
    voter.picture("12-forced-colours");
}

#[test]
fn the_longest_list_weighs_less_than_100_kb() {
    if !browser_is_there() {
        return;
    }
    let town = real();
    let mut voter = Voter84::arrive(town, "weight");
    voter.log_in(town, 2);
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.visit("/contest/3");
    let sizes = "(async () => { const of = async p => (await (await fetch(p)).arrayBuffer()).byteLength; \
                 return [await of('/contest/3'), await of('/style.css'), await of('/page.js'), await of('/icon.svg')] })()";
    let sizes: Vec<u64> = serde_json::from_value(voter.browser.eval(sizes).unwrap()).unwrap();
    let whole: u64 = sizes.iter().sum();
    assert!(whole < 100_000, "{sizes:?}");
    let ready = "performance.getEntriesByType('navigation')[0].domInteractive";
    println!("153 candidates: {whole} bytes ({sizes:?}), interactive after {} ms", voter.browser.eval(ready).unwrap());
    // Every option is there, each looks the same.
    let looks = "(() => { const all = [...document.querySelectorAll('.option')]; \
                 return [all.length, new Set(all.map(e => getComputedStyle(e).font + e.getBoundingClientRect().height)).size] })()";
    assert_eq!(voter.browser.eval(looks).unwrap(), serde_json::json!([153, 1]));
}
