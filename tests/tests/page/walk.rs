//! The whole way of a voter, with pictures of every page (target/page-pictures).

use super::scene::{Voter84, browser_is_there, practice, real};

#[test]
fn a_vote_from_the_first_page_to_the_receipt() {
    if !browser_is_there() {
        return;
    }
    let town = real();
    let mut voter = Voter84::arrive(town, "walk");
    voter.picture("01-start");
    assert!(voter.browser.text("main").unwrap().contains("This is a real election"), "{}", voter.browser.text("main").unwrap());
    voter.browser.click("form[action='/identify'] button").unwrap();
    voter.picture("02-identify");
    voter.browser.goto(&format!("{}/", voter.page.origin)).unwrap();
    voter.log_in(town, 0);
    voter.picture("03-overview");
    voter.choose_all();
    for n in 1..=5 {
        voter.browser.goto(&format!("{}/contest/{n}", voter.page.origin)).unwrap();
        voter.picture(&format!("04-contest-{n}"));
    }
    voter.browser.goto(&format!("{}/review", voter.page.origin)).unwrap();
    voter.picture("05-review");
    voter.sign();
    voter.picture("06-receipt");
    voter.browser.click("form[action='/look'] button").unwrap();
    voter.at("/overview");
    voter.picture("07-in-the-box");
    assert_eq!(voter.browser.complaints, Vec::<String>::new(), "nothing went wrong in the browser, nothing went elsewhere");
    let _ = practice;
}
