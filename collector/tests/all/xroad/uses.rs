//! What the tracker says was done with somebody's data: USAGE-1 to USAGE-4.

use super::*;

fn actions(said: &Value) -> Vec<String> {
    said["usages"].as_array().unwrap().iter().map(|used| used["action"].as_str().unwrap().to_owned()).collect()
}

fn run(election: &Election, words: &[&str]) -> bool {
    collector().args(words).arg("--data").arg(election.data()).output().unwrap().status.success()
}

const READ: &str = "E-hääletamiste nimekiri edastati";
const FIRST: &str = "Valija kanne saadi valijate algnimekirjaga";

/// Everything that the office does with data, and nothing from which a vote could be read.
#[test]
fn usage_2_votes_cannot_be_read_from_it() {
    let (election, key) = election(4, None);
    let server = start(&election, &["--xroad-group", "1"]);
    election.open_voting(&server);
    let security = plain(&server);
    assert_eq!(actions(&usages(&security, 0, "")), [FIRST]);
    cast(&election, &server, 0);
    cast(&election, &server, 1);
    until_listed(&security, 2);
    for _ in 0..3 {
        records(list(&security, "/elections/RK_2027/evotingsbatchfrom/1"));
    }
    let path = |name: &str| election.dir.path().join(name).to_str().unwrap().to_owned();
    let revoke = format!(r#"{{"election":"RK_2027","persons":["{}"],"type":"revoke"}}"#, code(0));
    fs::write(path("revoke.json"), revoke).unwrap();
    apply(&election, &key, 1, &[format!("kustutamine\t{}", code(3)), format!("lisamine\t{}\tX\t0514\t1", code(3))]);
    assert!(run(&election, &["export", "online-voters", "--out", &path("online.json")]));
    assert!(run(&election, &["roll", "vis3", "revoke", &path("revoke.json"), "--out", &path("list.bin")]));
    assert!(run(&election, &["evidence", "--out", &path("evidence")]));
    assert!(run(&election, &["export", "total", "--out", &path("total.json")]), "counts are no use");

    let all = [
        "E-hääletamise tõendid koostati audiitorile",
        "Valijate seast otsiti need, kelle e-hääl tühistatakse või ennistatakse",
        "E-hääletanute nimekiri koostati jaoskondadele",
        "Valija kannet muudeti muudatusnimekirjaga nr 1",
        READ,
        FIRST,
    ];
    let of = |n| usages(&security, n, "");
    assert_eq!(actions(&of(3)), all, "newest first");
    let others: Vec<&str> = all.into_iter().filter(|action| !action.ends_with("nr 1")).collect();
    assert_eq!(actions(&of(0)), others);
    // Who has voted and who has not: the same, to the second. A stranger's data nobody has used.
    assert!(of(0) == of(1) && of(1) == of(2));
    assert_eq!(of(9), json!({ "totalUsages": 0, "usages": [] }));
    let used = |n: usize| of(3)["usages"][n].clone();
    assert_eq!((used(4)["receiverCode"].as_str(), used(4)["receiverSystem"].as_str()), (Some("70006317"), Some("vis3")));
    assert_eq!((used(5)["receiverCode"].as_str(), used(5)["receiverSystem"].as_str()), (Some("70000000"), Some("EHS")));
    assert_eq!((used(2)["receiverSystem"].as_str(), used(0)["receiverSystem"].as_str()), (Some("VIS3"), Some("audiitor")));
}

/// USAGE-1: what cannot be recorded does not leave.
#[test]
fn usage_1_no_use_without_a_record() {
    let (election, _) = election(2, None);
    let server = start(&election, &["--xroad-group", "1"]);
    election.open_voting(&server);
    let security = plain(&server);
    cast(&election, &server, 0);
    until_listed(&security, 1);
    let batch = || list(&security, "/elections/RK_2027/evotingsbatchfrom/1");
    let out = election.dir.path().join("online.json");
    let export = || run(&election, &["export", "online-voters", "--out", out.to_str().unwrap()]);
    let evidence = election.dir.path().join("evidence");
    let write_evidence = || run(&election, &["evidence", "--out", evidence.to_str().unwrap()]);
    let db = rusqlite::Connection::open(election.data().join("collector.db")).unwrap();
    // Nothing but this table refuses.
    db.execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON data_use BEGIN SELECT RAISE(ABORT, 'refused'); END").unwrap();
    let reply = batch();
    assert_eq!((reply.status, reply.json()["type"].as_str()), (500, Some("USAGE-1")));
    assert!(!String::from_utf8_lossy(&reply.body).contains(&code(0)));
    assert!(!export() && !out.exists());
    assert!(!write_evidence() && !evidence.join("roll.csv").exists());
    db.execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(actions(&usages(&security, 0, "")), [FIRST]);
    assert_eq!(records(batch()).len(), 1);
    assert!(export() && out.exists() && write_evidence());
    assert_eq!(usages(&security, 1, "")["totalUsages"], 4);
}

/// USAGE-3, USAGE-4.
#[test]
fn what_is_asked() {
    let (election, key) = election(1, None);
    for number in 1..=4 {
        apply(&election, &key, number, &[format!("kustutamine\t{}", code(0)), format!("lisamine\t{}\tX\t0514\t1", code(0))]);
    }
    let server = start(&election, &[]);
    let security = plain(&server);
    let db = rusqlite::Connection::open(election.data().join("collector.db")).unwrap();
    db.execute("UPDATE data_use SET time = 1803884400 + 100 * number", []).unwrap(); // 2027-03-01T07:00:00Z and later
    let all = usages(&security, 0, "");
    let number = |said: &Value| -> Vec<String> {
        actions(said).iter().map(|action| action.rsplit_once(' ').unwrap().1.replace("algnimekirjaga", "0")).collect()
    };
    assert_eq!(
        (number(&all), all["usages"][4]["logtime"].as_str()),
        (["4", "3", "2", "1", "0"].map(String::from).to_vec(), Some("2027-03-01T07:01:40Z"))
    );
    for (more, wanted, total) in [
        ("&limit=2", vec!["4", "3"], 5),
        ("&limit=2&offset=3", vec!["1", "0"], 5),
        ("&offset=5", vec![], 5),
        ("&limit=1000&offset=0", vec!["4", "3", "2", "1", "0"], 5),
        ("&periodStart=2027-03-01T07:05:00Z", vec!["4", "3", "2"], 3),
        ("&periodStart=2027-03-01T07:05:00", vec!["4", "3", "2"], 3),
        ("&periodStart=2027-03-01T09:05:01%2B02:00", vec!["4", "3"], 2),
        ("&periodEnd=2027-03-01T07:05:00Z", vec!["2", "1", "0"], 3),
        ("&periodEnd=2027-03-01T07:04:59.9Z", vec!["1", "0"], 2),
        ("&periodStart=2027-03-01T07:03:20Z&periodEnd=2027-03-01T07:06:40Z&limit=1", vec!["3"], 3),
        ("&periodStart=2028-01-01T00:00:00Z", vec![], 0),
        ("&processingType=DATA_REQUEST", vec!["4", "3", "2", "1", "0"], 5),
    ] {
        let said = usages(&security, 0, more);
        assert_eq!((number(&said), said["totalUsages"].as_u64()), (wanted.into_iter().map(str::to_owned).collect(), Some(total)), "{more}");
    }
    let collector = direct(&server);
    let ask = |query: &str, users: &[&str]| {
        let mut headers = vec![("X-Road-Client", TRACKER), ("X-Road-Id", "1")];
        headers.extend(users.iter().map(|user| ("X-Road-UserId", *user)));
        collector.get_with(&format!("/v2/findUsage{query}"), &headers)
    };
    let me = format!("EE{}", code(0));
    let good = format!("?userCode={me}");
    assert_eq!(ask(&good, &["EE38001085718"]).ok()["totalUsages"], 5, "one represents another");
    for users in [&[][..], &["38001085718"], &["ee38001085718"], &[""], &[&me, &me]] {
        let reply = ask(&good, users);
        assert_eq!((reply.status, reply.json()["type"].as_str()), (400, Some("USAGE-3")), "{users:?}");
    }
    for (query, rule) in [
        (String::new(), "USAGE-3"),
        (format!("?userCode={}", code(0)), "USAGE-3"),
        (format!("{good}&userCode=EE38001085718"), "USAGE-3"),
        (format!("{good}&limit=x"), "USAGE-3"),
        (format!("{good}&offset=-1"), "USAGE-3"),
        (format!("{good}&limit=0"), "USAGE-4"),
        (format!("{good}&limit=1001"), "USAGE-4"),
        (format!("{good}&offset=9223372036854775808"), "USAGE-4"),
        (format!("{good}&periodStart=yesterday"), "USAGE-4"),
        (format!("{good}&periodEnd=2027-02-30T00:00:00Z"), "USAGE-4"),
    ] {
        let reply = ask(&query, &[&me]);
        assert_eq!((reply.status, reply.json()["type"].as_str()), (400, Some(rule)), "{query}");
        assert!(!String::from_utf8_lossy(&reply.body).contains(&code(0)));
    }
    let get = |path: &str| collector.get_with(path, &[("X-Road-Client", TRACKER), ("X-Road-Id", "1")]).ok();
    assert_eq!(get("/v2/usagePeriod"), json!({ "periodStart": "2027-03-01T07:01:40Z" }));
    assert_eq!(get("/v2/heartbeat")["status"], "OK");
}

/// Voters who come from a file of one's own.
#[test]
fn imports_and_changes_are_uses_too() {
    let election = Election::new(Options::default());
    let server = start(&election, &[]);
    election.open_voting(&server);
    let file = election.dir.path().join("changes.csv");
    fs::write(&file, format!("move,{},south\n", person(0).code)).unwrap();
    assert!(run(&election, &["roll", "change", file.to_str().unwrap()]));
    let security = plain(&server);
    let imported = "Valija kanne loeti valijate nimekirjast";
    assert_eq!(actions(&usages(&security, 0, "")), ["Valija kannet muudeti valijate nimekirjas", imported]);
    assert_eq!(actions(&usages(&security, 1, "")), [imported]);
}
