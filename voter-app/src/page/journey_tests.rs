//! The steps of a voter, and what a double click, a second window, the back button or a cut line leads to.

use super::*;
use crate::client::Status;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::page::steps::Move;
use crate::page::trouble::{About, Way};
use crate::selection::Limit;
use crate::tests::{NOW, lettered as option, manifest_of};
use ballot::manifest::Rule;
use std::time::Instant;

fn status() -> (Status, Clock) {
    (Status { phase: "voting".into(), suspended: false, time: NOW }, Clock::new(NOW, Instant::now()))
}

fn place() -> Place {
    Place { collector: "http://127.0.0.1:1".into(), election_id: [7; 32] }
}

/// A voter who is logged in, with these contests of four options each.
fn inside(rules: &[Rule]) -> Journey {
    let manifest = manifest_of(rules, &["a", "b", "c", "d"].map(option));
    let mut journey = Journey::default();
    assert!(matches!(journey.enter(Some(place())), Some(Job::Enter(_))));
    assert_eq!(journey.here(), Page::Wait);
    let (status, clock) = status();
    journey.entered(Card { manifest, status, clock });
    journey.identify();
    assert!(matches!(journey.log_in("folder", Some(Answers::default())), Some(Job::LogIn(..))));
    journey.logged_in(Voter { code: "PNOEE-1".into(), district: 0, ballots: Vec::new() }, self::status());
    assert_eq!(journey.here(), Page::Overview);
    journey
}

fn one() -> Rule {
    Rule::Choose { min: 1, max: 1, blank: true }
}

fn sealed(journey: &mut Journey, job: Option<Job>) -> u64 {
    let Some(Job::Seal { revision, .. }) = job else { panic!("not sealed") };
    journey.sealed(revision, "abcd".into());
    assert_eq!(journey.here(), Page::Review);
    revision
}

#[test]
fn the_whole_way() {
    let mut journey = inside(&[one(), Rule::Rank { places: 2 }]);
    assert!(journey.begin().is_none());
    assert_eq!(journey.here(), Page::Contest(0));
    assert!(journey.answered(0, Answer::Options(vec![2]), None).is_none());
    assert_eq!(journey.here(), Page::Contest(1));
    journey.rank(1, &Move::Add(3));
    let job = journey.ranked(1);
    let revision = sealed(&mut journey, job);
    let (_, _, selections) = journey.review().unwrap();
    assert_eq!(selections[0].0, [0, 0, 1, 0, 0]);
    assert_eq!(selections[1].0, [4, 0]);
    assert!(matches!(journey.sign(Some(revision)), Some(Job::Sign)));
    journey.sending();
    assert!(journey.review().is_none() && journey.answer(0).is_none(), "what was chosen is forgotten before it is sent");
    journey.promised(Done { number: 1, tracker: "abcd".into(), deadline: NOW, recorded: None, code: None, before: false });
    assert_eq!(journey.here(), Page::Receipt, "the promise is shown while the proof is waited for");
    journey.recorded(9, 1, None);
    assert_eq!(journey.done.as_ref().unwrap().recorded, Some((9, 1)));
    assert!(journey.begin().is_none());
    assert_eq!(journey.here(), Page::Contest(0));
    assert!(journey.answer(0).is_none(), "a new ballot begins empty");
}

#[test]
fn a_second_click_does_nothing() {
    let mut journey = inside(&[one()]);
    journey.begin();
    let job = journey.answered(0, Answer::Blank, None);
    assert!(journey.answered(0, Answer::Blank, None).is_none(), "sealing is under way");
    let revision = sealed(&mut journey, job);
    assert!(journey.sign(Some(revision)).is_some());
    assert!(journey.sign(Some(revision)).is_none());
    assert!(journey.open(Some(revision)).is_none());
    assert!(journey.begin().is_none() && journey.look().is_none() && journey.log_in("folder", None).is_none());
    assert!(journey.enter(Some(place())).is_none());
    assert_eq!(journey.here(), Page::Wait);
    for page in [Page::Start, Page::Review, Page::Contest(0), Page::Overview] {
        assert!(!journey.may_see(page), "{page:?}");
    }
}

#[test]
fn only_the_ballot_that_was_looked_at_is_signed() {
    let mut journey = inside(&[one()]);
    journey.begin();
    let job = journey.answered(0, Answer::Options(vec![0]), None);
    let seen = sealed(&mut journey, job);
    let job = journey.answered(0, Answer::Options(vec![1]), None); // in another window
    let now = sealed(&mut journey, job);
    assert_ne!(seen, now);
    for revision in [Some(seen), None, Some(now + 1)] {
        assert!(journey.sign(revision).is_none(), "{revision:?}");
        assert_eq!(journey.notice.take(), Some(Notice::Changed));
        assert!(journey.open(revision).is_none());
        journey.notice = None;
    }
    assert!(journey.sign(Some(now)).is_some());
}

#[test]
fn an_answer_that_is_late_for_sealing_is_not_signed() {
    let mut journey = inside(&[one()]);
    journey.begin();
    let Some(Job::Seal { revision, .. }) = journey.answered(0, Answer::Blank, None) else { panic!() };
    journey.sealed(revision + 1, "other".into());
    assert!(journey.review().is_none_or(|(_, tracker, _)| tracker != "other"));
}

#[test]
fn more_than_allowed_does_not_go_on() {
    let mut journey = inside(&[Rule::Choose { min: 1, max: 2, blank: true }]);
    journey.begin();
    for (answer, wrong, limit) in [
        (Answer::Options(vec![0, 1, 2]), None, Limit::TooMany { chosen: 3, max: 2 }),
        (Answer::Options(vec![]), None, Limit::TooFew { chosen: 0, min: 1 }),
        (Answer::Options(vec![1]), Some(Limit::BlankAndMore), Limit::BlankAndMore),
        (Answer::Amounts(vec![1, 0, 0, 0]), None, Limit::OtherKind),
    ] {
        assert!(journey.answered(0, answer, wrong).is_none());
        assert_eq!(journey.notice.take(), Some(Notice::Limit(limit)));
        assert_eq!(journey.here(), Page::Contest(0));
        assert!(!journey.may_see(Page::Review));
    }
}

#[test]
fn rankings_move_by_steps() {
    let mut journey = inside(&[Rule::Rank { places: 3 }]);
    journey.begin();
    let order = |journey: &Journey| match journey.answer(0) {
        Some(Answer::Options(order)) => order.clone(),
        _ => Vec::new(),
    };
    for at in [2, 0, 3] {
        journey.rank(0, &Move::Add(at));
    }
    assert_eq!(order(&journey), [2, 0, 3]);
    journey.rank(0, &Move::Add(1));
    assert_eq!(order(&journey), [2, 0, 3], "no fourth place");
    assert!(matches!(journey.notice, Some(Notice::Limit(Limit::TooManyRanked { .. }))));
    journey.rank(0, &Move::Up(2));
    assert_eq!(order(&journey), [2, 3, 0]);
    assert_eq!(journey.notice, Some(Notice::Ranked(3, 2)));
    journey.rank(0, &Move::Down(0));
    assert_eq!(order(&journey), [3, 2, 0]);
    journey.rank(0, &Move::Remove(1));
    assert_eq!(order(&journey), [3, 0]);
    assert_eq!(journey.notice, Some(Notice::Unranked(2)));
    let before = journey.revision;
    for none in [Move::Add(9), Move::Add(3), Move::Up(0), Move::Down(1), Move::Remove(7), Move::Order(vec![0, 0]), Move::Order(vec![4])] {
        journey.rank(0, &none);
        assert_eq!(order(&journey), [3, 0], "{none:?}");
    }
    assert_eq!(journey.revision, before);
    journey.rank(0, &Move::Order(vec![0, 3]));
    assert_eq!(order(&journey), [0, 3]);
}

#[test]
fn a_line_cut_after_sending_never_leads_to_a_second_ballot() {
    let mut journey = inside(&[one()]);
    journey.begin();
    let job = journey.answered(0, Answer::Blank, None);
    let revision = sealed(&mut journey, job);
    journey.sign(Some(revision));
    journey.sending();
    journey.failed(Trouble::new(&Failure::passing("cut"), About::Sending));
    assert_eq!(journey.here(), Page::Trouble);
    assert_eq!(journey.trouble.as_ref().unwrap().way, Way::Resend);
    assert!(matches!(journey.begin(), Some(Job::Resend)), "to vote again asks for the first ballot first");
    journey.failed(Trouble::new(&Failure::passing("cut"), About::Sending));
    assert!(matches!(journey.resend(), Some(Job::Resend)));
    journey.promised(Done { number: 1, tracker: String::new(), deadline: NOW, recorded: None, code: None, before: false });
    journey.recorded(1, 1, None);
    assert!(journey.resend().is_none(), "it is settled");
}

#[test]
fn a_refused_ballot_is_settled_and_a_wrong_pin_keeps_the_ballot() {
    let mut journey = inside(&[one()]);
    journey.begin();
    let job = journey.answered(0, Answer::Blank, None);
    let revision = sealed(&mut journey, job);
    journey.sign(Some(revision));
    let wrong: Failure = crate::eid::fault::Fault::WrongPin(Some(2)).into();
    journey.failed(Trouble::new(&wrong, About::Signing));
    assert_eq!(journey.trouble.as_ref().map(|t| (t.name, t.way, t.tries)), Some(("pin", Way::Review, Some(2))));
    assert!(journey.may_see(Page::Review));
    assert!(journey.sign(Some(revision)).is_some(), "and signs again");
    journey.sending();
    journey.failed(Trouble::new(&Failure::new("The collector refuses: CAST-5: number"), About::Sending));
    assert_eq!(journey.trouble.as_ref().map(|t| (t.name, t.way)), Some(("other-ballot", Way::Overview)));
    assert!(journey.begin().is_none());
    assert_eq!(journey.here(), Page::Contest(0));
}

#[test]
fn pages_that_are_not_there_lead_back() {
    let mut journey = Journey::default();
    for page in [Page::Identify, Page::Overview, Page::Contest(0), Page::Review, Page::Receipt, Page::Opened, Page::Trouble, Page::Bye] {
        assert!(!journey.may_see(page), "{page:?}");
    }
    assert_eq!(journey.here(), Page::Start);
    assert!(journey.begin().is_none() && journey.look().is_none() && journey.sign(Some(0)).is_none() && journey.resend().is_none());
    assert!(journey.enter(None).is_none());
    assert_eq!(journey.notice, Some(Notice::BadPlace));
    let journey = inside(&[one()]);
    assert!(!journey.may_see(Page::Contest(0)), "before it is begun");
    assert!(!journey.may_see(Page::Contest(usize::MAX)));
    assert_eq!(Page::find("/contest/0"), None);
    assert_eq!(Page::find("/contest/3"), Some(Page::Contest(2)));
    assert_eq!(Page::find("/contest/99999999999999999999999"), None);
}

#[test]
fn whoever_is_away_too_long_is_forgotten() {
    let mut journey = inside(&[one()]);
    journey.begin();
    journey.answered(0, Answer::Options(vec![1]), None);
    assert!(matches!(journey.log_out(true), Some(Job::LogOut)));
    assert!(journey.voter.is_none() && journey.answer(0).is_none() && journey.review().is_none());
    assert_eq!(journey.notice, Some(Notice::Idle));
    journey.sealed(1, "late".into());
    assert!(journey.review().is_none(), "the clerk comes too late");
    assert_eq!(journey.here(), Page::Start);
}

#[test]
fn every_failure_has_a_sentence_and_a_way() {
    use crate::eid::fault::Fault;
    let broken = |what: &str| Failure::broken(what);
    let of = |failure: Failure, about| {
        let trouble = Trouble::new(&failure, about);
        assert!(super::super::trouble::NAMES.contains(&trouble.name), "{}", trouble.name);
        (trouble.name, trouble.way)
    };
    assert_eq!(of(Failure::new("VOTER-1: another election"), About::Entering), ("wrong-election", Way::Start));
    assert_eq!(of(Failure::passing("cut"), About::Entering), ("line", Way::Start));
    assert_eq!(of(Failure::passing("cut"), About::Signing), ("line", Way::Review));
    assert_eq!(of(Failure::passing("cut"), About::Sending), ("line-after", Way::Resend));
    assert_eq!(of(Failure::passing("cut"), About::Proving), ("line-proof", Way::Overview));
    assert_eq!(of(Failure::new("VOTER-2: not on the roll"), About::LoggingIn), ("roll", Way::Identify));
    assert_eq!(of(Failure::new("The collector refuses: PHASE-4: closed"), About::Sending), ("closed", Way::Overview));
    assert_eq!(of(Failure::new("The collector refuses: LOGIN-4: unknown"), About::LoggingIn), ("not-on-roll", Way::Identify));
    assert_eq!(of(Failure::new("The collector refuses: CAST-4: moved"), About::Sending), ("roll-changed", Way::Identify));
    assert_eq!(of(broken("VOTER-5: no proof"), About::Proving), ("broken", Way::Overview));
    assert_eq!(of(Failure::new("late").with_file("x".into()), About::Proving), ("broken", Way::Overview));
    assert_eq!(of(Fault::CardRemoved.into(), About::Signing), ("card-removed", Way::Review));
    assert_eq!(of(Fault::NoCard.into(), About::LoggingIn), ("no-card", Way::Identify));
    assert_eq!(of(Failure::new("strange"), About::Inside), ("other", Way::Overview));
}

/// What was under way for somebody who has logged out is not shown to whoever sits there next: the code of a receipt tells a choice.
#[test]
fn who_logged_out_meanwhile_leaves_nothing_on_the_screen() {
    let card = || crate::second_device::CodeCard { svg: "svg".into(), text: "code".into() };
    let signed = || {
        let mut journey = inside(&[one()]);
        journey.begin();
        let job = journey.answered(0, Answer::Blank, None);
        let revision = sealed(&mut journey, job);
        (journey, revision)
    };
    let done = || Done { number: 1, tracker: "abcd".into(), deadline: NOW, recorded: None, code: None, before: false };

    let (mut journey, revision) = signed();
    assert!(journey.sign(Some(revision)).is_some());
    journey.sending();
    journey.log_out(false);
    journey.promised(done());
    assert_eq!((journey.here(), journey.done.is_none()), (Page::Start, true));
    journey.recorded(9, 1, Some(card()));
    assert_eq!((journey.here(), journey.done.is_none(), journey.busy), (Page::Start, true, None));

    let (mut journey, revision) = signed();
    assert!(journey.open(Some(revision)).is_some());
    journey.log_out(true);
    let selections = vec![Selection(vec![0, 0, 0, 0, 1])];
    journey.was_opened(Opened { tracker: "abcd".into(), selections, bytes: vec![1], index: Some(9) });
    assert_eq!((journey.here(), journey.opened.is_none(), journey.busy), (Page::Start, true, None));
}

/// A link that a phone scans is a picture, and gone once the act is over; nothing of the service's stands there as text.
#[test]
fn a_link_to_scan_is_a_picture() {
    let mut journey = inside(&[one()]);
    let zone = crate::page::when::Zone::new("UTC").unwrap();
    let page = |journey: &Journey| {
        let settings = crate::page::form::Settings::default();
        let frame = crate::page::frame::Frame::new(
            crate::page::texts::Lang::En,
            journey,
            &zone,
            &settings,
            "key",
            None,
            std::time::Duration::from_secs(900),
        );
        crate::page::views::page(Page::Wait, journey, &frame).unwrap()
    };
    let picture = "<div class=\"qr\" aria-hidden=\"true\"><svg";
    assert!(!page(&journey).contains(picture));
    journey.shown = Some(crate::eid::Notice::Scan("https://smart-id.example/device-link?a=b".into()));
    let shown = page(&journey);
    assert!(shown.contains(picture) && !shown.contains("smart-id.example"), "{shown}");
    journey.shown = Some(crate::eid::Notice::Choose("1234".into()));
    assert!(!page(&journey).contains(picture));
}
