//! Other ways to use the page: the keyboard alone, no scripts, searching, dragging, limits, a double click, two windows.

use super::look::look;
use super::scene::{CANARIES, Voter84, browser_is_there, practice, real};
use serde_json::json;

/// Presses Tab until the keyboard is on what the selector finds. Where it is must be seen all the way.
fn tab_to(voter: &mut Voter84, selector: &str) {
    for _ in 0..260 {
        voter.browser.key("Tab").unwrap();
        let state = format!(
            "(() => {{ const e = document.activeElement, l = e.closest('.option') ?? e; if (e === document.body) return [false, true]; \
             const seen = [e, l].some(x => getComputedStyle(x).outlineStyle !== 'none') && e.getBoundingClientRect().bottom > 0; \
             return [e.matches({}), seen] }})()",
            json!(selector)
        );
        let state = voter.browser.eval(&state).unwrap();
        assert_eq!(state[1], true, "the focus is not seen on the way to {selector}");
        if state[0] == true {
            return;
        }
    }
    panic!("Tab does not reach {selector}");
}

fn press(voter: &mut Voter84, selector: &str) {
    tab_to(voter, selector);
    voter.browser.key("Enter").unwrap();
    voter.browser.settle().unwrap();
}

#[test]
fn a_vote_and_a_look_into_the_box_by_keyboard_alone() {
    if !browser_is_there() {
        return;
    }
    let town = real();
    let mut voter = Voter84::arrive(town, "keyboard");
    assert_eq!(
        voter.browser.eval("document.querySelectorAll('[tabindex]:not([tabindex=\"-1\"]):not([tabindex=\"0\"])').length").unwrap(),
        0
    );
    press(&mut voter, "form[action='/identify'] button");
    voter.at("/identify");
    tab_to(&mut voter, "#folder-folder");
    voter.browser.write(town.eid.to_str().unwrap()).unwrap();
    tab_to(&mut voter, "#folder-person");
    voter.browser.write(&town.people[3]).unwrap();
    press(&mut voter, "form.means:has(#folder-folder) button");
    voter.at("/overview");
    press(&mut voter, "form[action='/begin'] button");
    voter.at("/contest/1");
    tab_to(&mut voter, "input[name=o]");
    voter.browser.key("Space").unwrap();
    voter.browser.key("ArrowDown").unwrap();
    press(&mut voter, "main button.primary");
    voter.at("/contest/2");
    tab_to(&mut voter, "input[value='4']");
    voter.browser.key("Space").unwrap();
    press(&mut voter, "main button.primary");
    voter.at("/contest/3");
    tab_to(&mut voter, "#find");
    voter.browser.write("kanaarilind onnela").unwrap(); // without its diacritics
    voter.browser.until("document.querySelector('#found').textContent.includes('1')").unwrap();
    tab_to(&mut voter, "input[value='77']");
    voter.browser.key("Space").unwrap();
    press(&mut voter, "main button.primary");
    voter.at("/contest/4");
    for (at, length) in [(4, 1), (1, 2)] {
        press(&mut voter, &format!("button[name=add][value='{at}']"));
        voter.browser.until(&format!("document.querySelectorAll('ol.ranking li').length === {length}")).unwrap();
    }
    press(&mut voter, "button[name=up][value='1']");
    voter.browser.until("document.querySelector('ol.ranking li').dataset.at === '1'").unwrap();
    assert!(voter.browser.text("main [role=status]").unwrap().contains("place"), "and it is said");
    press(&mut voter, "button[name=next]");
    voter.at("/contest/5");
    tab_to(&mut voter, "#p2");
    voter.browser.write("10").unwrap();
    press(&mut voter, "main button.primary");
    voter.browser.settle().unwrap();
    let shown = voter.browser.text("main").unwrap();
    assert!(shown.contains(CANARIES[0]) && shown.contains(CANARIES[1]) && shown.contains(CANARIES[2]), "{shown}");
    press(&mut voter, "form[action='/sign'] button");
    voter.at("/receipt");
    voter.browser.until("document.querySelector('form[action=\"/look\"]')").unwrap();
    press(&mut voter, "form[action='/look'] button");
    voter.at("/overview");
    assert!(voter.browser.text("#box").unwrap().contains("This one counts"));
}

#[test]
fn a_vote_without_scripts() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let mut voter = Voter84::arrive(town, "plain");
    voter.browser.scripts(false).unwrap();
    voter.log_in(town, 4);
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.at("/contest/1");
    voter.tick("blank");
    voter.go_on();
    voter.at("/review");
    assert!(voter.browser.text("main").unwrap().contains("A blank vote"));
    voter.browser.click("form[action='/sign'] button").unwrap();
    voter.at("/receipt");
    for _ in 0..60 {
        if voter.browser.eval("Boolean(document.querySelector('form[action=\"/look\"]'))").unwrap() == true {
            break;
        }
        voter.browser.click("a.button[href='/receipt']").unwrap(); // `Look whether it is done`
    }
    assert!(voter.browser.text("main").unwrap().contains("The proof has been checked"));
}

#[test]
fn limits_search_and_dragging() {
    if !browser_is_there() {
        return;
    }
    let town = real();
    let mut voter = Voter84::arrive(town, "limits");
    voter.log_in(town, 5);
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.tick("0");
    voter.go_on();
    voter.at("/contest/2");
    for option in ["0", "1", "2"] {
        voter.tick(option);
    }
    let said = voter.browser.text("#limit").unwrap();
    assert!(said.contains('3') && said.contains("as many as may be chosen"), "{said}");
    for more in ["3", "blank"] {
        voter.tick(more);
        let ticked = format!("document.querySelector('input[value=\"{more}\"]').checked");
        assert_eq!(voter.browser.eval(&ticked).unwrap(), false, "{more} cannot be chosen too");
    }
    look(&mut voter, "13-limit-reached");
    voter.tick("2");
    voter.tick("3");
    assert_eq!(voter.browser.eval("document.querySelectorAll('input:checked').length").unwrap(), 3);
    // The server refuses what a script would have to.
    voter.browser.eval("document.querySelectorAll('input[name=o]').forEach(e => e.checked = true)").unwrap();
    voter.go_on();
    voter.at("/contest/2");
    assert!(voter.browser.text("main [role=alert]").unwrap().contains("blank vote chooses nobody"));
    voter.browser.eval("document.querySelectorAll('input[name=o]').forEach(e => e.checked = e.value < 4)").unwrap();
    voter.go_on();
    voter.told("You chose 4, but at most 3 may be chosen.");
    voter.browser.eval("document.querySelectorAll('input[name=o]').forEach(e => e.checked = e.value < 3)").unwrap();
    voter.go_on();

    voter.at("/contest/3");
    let found = "[...document.querySelectorAll('#contest li')].filter(e => e.checkVisibility()).length";
    for (words, number) in [("ÕNNELA kanaari", 1), ("onnela", 1), ("vaba mets", 31), ("zanna", 30), ("nobody at all", 0)] {
        voter.browser.eval("(() => { const f = document.querySelector('#find'); f.value = ''; f.focus() })()").unwrap();
        voter.browser.write(words).unwrap();
        let number_found = voter.browser.eval(found).unwrap().as_u64().unwrap();
        assert!(number_found.abs_diff(number) <= 1, "{words}: {number_found}");
    }
    voter
        .browser
        .eval("(() => { const f = document.querySelector('#find'); f.value = ''; f.dispatchEvent(new Event('input')) })()")
        .unwrap();
    assert_eq!(voter.browser.eval(found).unwrap(), 153);
    voter.tick("150");
    voter.go_on();

    voter.at("/contest/4");
    for (at, length) in [(0, 1), (1, 2), (2, 3)] {
        voter.browser.click(&format!("button[name=add][value='{at}']")).unwrap();
        voter.browser.until(&format!("document.querySelectorAll('ol.ranking li').length === {length}")).unwrap();
    }
    assert_eq!(voter.browser.eval("document.querySelectorAll('button[name=add]:not(:disabled)').length").unwrap(), 0, "no fourth place");
    look(&mut voter, "14-ranking-full");
    let drag = "(() => { const [a, b, c] = document.querySelectorAll('ol.ranking li'); const data = new DataTransfer(); \
                a.dispatchEvent(new DragEvent('dragstart', { dataTransfer: data, bubbles: true })); \
                c.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })) })()";
    voter.browser.eval(drag).unwrap();
    voter.browser.until("[...document.querySelectorAll('ol.ranking li')].map(e => e.dataset.at).join() === '1,2,0'").unwrap();
    voter.visit("/contest/4");
    assert_eq!(voter.browser.eval("document.querySelector('ol.ranking li').dataset.at").unwrap(), "1", "the program knows it");
}

#[test]
fn a_double_click_and_a_second_window_make_one_ballot() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let mut voter = Voter84::arrive(town, "double");
    voter.log_in(town, 6);
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.tick("0");
    voter.go_on();
    voter.at("/review");
    // Another window changes the choice while the review of the old one is shown here.
    let send = |path: &str, more: &str| {
        format!(
            "(async () => {{ const key = document.querySelector('input[name=key]').value; \
             return (await fetch('{path}', {{ method: 'POST', headers: {{ 'Content-Type': 'application/x-www-form-urlencoded' }}, body: 'key=' + key + '{more}' }})).url }})()"
        )
    };
    let other = voter.browser.eval(&send("/contest/1", "&o=2")).unwrap();
    assert!(other.as_str().unwrap().ends_with("/review"));
    voter.browser.click("form[action='/sign'] button").unwrap();
    voter.at("/review");
    let said = voter.browser.text("main").unwrap();
    assert!(said.contains("changed in another window") && said.contains("Clara Lind"), "{said}");
    // Twice at once: the guard of the page is passed by, the program is asked directly.
    let revision = voter.browser.eval("document.querySelector('form[action=\"/sign\"] input[name=revision]').value").unwrap();
    let sign = send("/sign", &format!("&revision={}", revision.as_str().unwrap()));
    voter.browser.eval(&format!("Promise.all([{sign}, {sign}, {sign}])")).unwrap();
    voter.visit("/receipt");
    voter.browser.until("document.querySelector('form[action=\"/look\"]')").unwrap();
    voter.browser.click("form[action='/look'] button").unwrap();
    voter.at("/overview");
    assert_eq!(voter.browser.eval("document.querySelectorAll('ol.ballots li').length").unwrap(), 1);
    // The back button shows no page of a vote that is over.
    voter.visit("/review");
    voter.at("/overview");
}

#[test]
fn whoever_is_slow_can_stay() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let mut voter = Voter84::arrive_over(town, "slow", town.election.url(), &["--idle", "4"]);
    voter.log_in(town, 7);
    voter.browser.until("!document.querySelector('#idle').hidden").unwrap();
    look(&mut voter, "15-still-here");
    voter.browser.eval("window.same = true").unwrap();
    voter.browser.click("#idle button").unwrap();
    voter.browser.until("document.querySelector('#idle').hidden").unwrap();
    assert_eq!(voter.browser.eval("window.same").unwrap(), true, "without losing the page");
}
