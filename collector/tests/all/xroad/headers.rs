//! Headers of a call and of its answer: XROAD-2 to XROAD-5.

use super::*;

const CALLS: [(&str, &str, &str); 6] = [
    (VIS3, TRACKER, "/xroad/v1/elections"),
    (VIS3, TRACKER, "/xroad/v1/elections/RK_2027/lastseqno"),
    (VIS3, TRACKER, "/xroad/v1/elections/RK_2027/evotingsbatchfrom/1"),
    (TRACKER, VIS3, "/v2/findUsage?userCode=EE60000000000"),
    (TRACKER, VIS3, "/v2/usagePeriod"),
    (TRACKER, VIS3, "/v2/heartbeat"),
];

/// Every call, every header: what is missing, twice, or wrong is refused, by the collector itself and not by the security server before it.
#[test]
fn every_call_looks_at_its_headers() {
    let (election, _) = election(2, None);
    let server = start(&election, &["--xroad-group", "1"]);
    election.open_voting(&server);
    cast(&election, &server, 0);
    until_listed(&plain(&server), 1);
    let collector = direct(&server);
    let long = "x".repeat(256);
    for (client, other, path) in CALLS {
        let user = ("X-Road-UserId", "EE60000000000");
        let good = [("X-Road-Client", client), ("X-Road-Id", "id-1"), user];
        assert_eq!(collector.get_with(path, &good).status, 200, "{path}");
        assert_eq!(collector.get_with(path, &[good[0], ("X-Road-Id", &long[..255]), user]).status, 200, "{path}");
        let refused = |headers: &[(&str, &str)], status: u16, rule: &str, detail: &str| {
            let reply = collector.get_with(path, headers);
            let said = reply.json();
            assert_eq!(
                (reply.status, said["type"].as_str(), said["detail"].as_str()),
                (status, Some(rule), Some(detail)),
                "{path} {headers:?}"
            );
            assert_eq!(said.as_object().unwrap().len(), 3);
        };
        for client in
            [None, Some(""), Some("EE/GOV"), Some("EE/GOV/70006317/vis3/x"), Some("EE//70006317/vis3"), Some("EE/GOV/70006317/%zz")]
        {
            let headers: Vec<_> = client.map(|client| ("X-Road-Client", client)).into_iter().chain([good[1], user]).collect();
            refused(&headers, 400, "XROAD-2", "");
        }
        refused(&[good[0], good[0], good[1], user], 400, "XROAD-2", "");
        for id in [None, Some(""), Some("a b"), Some(long.as_str())] {
            let headers: Vec<_> = id.map(|id| ("X-Road-Id", id)).into_iter().chain([good[0], user]).collect();
            refused(&headers, 400, "XROAD-2", "");
        }
        refused(&[good[0], good[1], ("X-Road-Id", "id-2"), user], 400, "XROAD-2", "");
        for stranger in [other, "EE/GOV/70006317", "EE/GOV/70006317/VIS3", "EE/COM/70006317/vis3", "DEV/GOV/70006317/vis3", "EE/GOV/7/vis3"]
        {
            refused(&[("X-Road-Client", stranger), good[1], user], 403, "XROAD-3", "id-1");
        }
    }
    // What is published about the answers is what they are.
    let published = collector.get_with("/xroad/v1/openapi.json", &[]).json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let says = |schema: &str, answer: &Value| assert_eq!(keys(&published["components"]["schemas"][schema]["properties"]), keys(answer));
    let answers = CALLS[..3].iter().map(|call| collector.get_with(call.2, &[("X-Road-Client", VIS3), ("X-Road-Id", "1")]).json());
    let [elections, last, batch] = answers.collect::<Vec<_>>().try_into().unwrap();
    says("Elections", &elections);
    says("LastSeqNoResponse", &last);
    says("EVotingsBatchResponse", &batch);
    says("EVotingFact", &batch["eVotingsBatch"]["batchRecords"][0]);
    // Compared as decoded.
    assert_eq!(collector.get_with(CALLS[0].2, &[("X-Road-Client", "EE/GOV/70006317/%76is3"), ("X-Road-Id", "1")]).status, 200);
    for path in ["/", "/v1/status", "/health", "/metrics", "/xroad/v1", "/xroad/v1/elections/", "/v2/findUsage/x"] {
        assert_eq!(collector.get_with(path, &[("X-Road-Client", VIS3), ("X-Road-Id", "1")]).status, 404, "{path}");
    }
    for number in ["0", "-1", "x", "1.0", "9999999999999999999"] {
        let path = format!("/xroad/v1/elections/RK_2027/evotingsbatchfrom/{number}");
        let reply = collector.get_with(&path, &[("X-Road-Client", VIS3), ("X-Road-Id", "id-7")]);
        assert_eq!((reply.status, reply.json()["type"].as_str(), reply.json()["detail"].as_str()), (400, Some("XROAD-10"), Some("id-7")));
    }
    for (_, _, path) in CALLS {
        assert_eq!(server.client.get(path, None).status, 404, "XROAD-1: {path} on the public address");
    }
}

/// Through the security servers: ids go over, nothing that they make is made here, and what nobody answers for is their error.
#[test]
fn through_security_servers() {
    let (election, _) = election(2, None);
    let server = start(&election, &[]);
    let security = plain(&server);
    let reply = ask(
        &security,
        &format!("{LIST}/elections"),
        &[("X-Road-Client", VIS3), ("X-Road-Id", "fa2e18a5"), ("X-Road-Request-Hash", "forged")],
    );
    assert_eq!((reply.status, security.own_headers()), (200, Vec::new()), "XROAD-5");
    let said = |name: &str| reply.header(name).unwrap().to_owned();
    assert_eq!(
        (said("x-road-id"), said("x-road-client"), said("x-road-service")),
        ("fa2e18a5".into(), VIS3.into(), format!("{PROVIDER}/{LIST}"))
    );
    assert!(said("x-road-request-hash").len() == 88 && said("x-road-request-hash") != "forged");
    assert_eq!(said("cache-control"), "no-store");
    let usages = usages(&security, 0, "");
    assert_eq!((usages["totalUsages"].as_u64(), security.own_headers()), (Some(1), Vec::new()));

    // An error of the collector comes as it is; one of the security servers has their header.
    let gone = list(&security, "/elections/RK_2023/lastseqno");
    assert_eq!((gone.status, gone.header("x-road-error"), security.own_headers()), (404, None, Vec::new()));
    let refused = ask(&security, &format!("{LIST}/elections"), &[("X-Road-Client", TRACKER)]);
    assert_eq!((refused.status, refused.header("x-road-error"), refused.json()["type"].as_str()), (403, None, Some("XROAD-3")));
    for (path, headers, kind) in [
        (LIST, vec![], "Client.BadRequest"),
        ("nobody/elections", vec![("X-Road-Client", VIS3)], "Server.ServerProxy.NetworkError"),
        ("elsewhere", vec![("X-Road-Client", VIS3)], "Server.ServerProxy.UnknownService"),
    ] {
        assert_eq!(ask(&security, path, &headers).header("x-road-error"), Some(kind));
    }

    // XROAD-4: the log has every id with its client and status, and nothing about anybody.
    let log = fs::read_to_string(election.dir.path().join("server.log")).unwrap();
    for id in security.ids() {
        assert_eq!(log.matches(&format!("X-Road {id} of EE/GOV/70006317/")).count(), 1, "{id}: {log}");
    }
    assert!(log.contains("/v2/findUsage 200") && log.contains("/lastseqno 404") && log.contains("/elections 403"), "{log}");
    assert!(!log.contains(&code(0)), "{log}");

    // getOpenAPI.
    let description = |code: &str| ask(&security, &format!("getOpenAPI?serviceCode={code}"), &[("X-Road-Client", VIS3)]);
    let published = description(LIST).ok();
    let paths = ["/elections", "/elections/{electionId}/evotingsbatchfrom/{fromSeqNo}", "/elections/{electionId}/lastseqno"];
    assert_eq!(published["paths"].as_object().unwrap().keys().collect::<Vec<_>>(), paths);
    let own = description("findUsage").ok();
    assert_eq!(own["paths"].as_object().unwrap().keys().collect::<Vec<_>>(), ["/v2/findUsage", "/v2/heartbeat", "/v2/usagePeriod"]);
}

/// Without the state's lists there is nothing to offer, and without clients nothing to ask.
#[test]
fn nothing_without_lists_or_clients() {
    let election = Election::new(Options::default());
    let server = start(&election, &[]);
    let security = plain(&server);
    assert_eq!(list(&security, "/elections").ok(), json!({ "elections": [] }));
    assert_eq!(list(&security, "/elections/RK_2027/lastseqno").status, 404);
    drop(server);
    let refuses = |words: &[&str], says: &str| does_not_start(&election, words, says);
    refuses(&CLIENTS, "no address for them");
    refuses(&["--xroad", "127.0.0.1:0", "--xroad-usage", TRACKER], "--xroad-office");
    refuses(&["--xroad", "127.0.0.1:0", "--xroad-list", "EE/GOV"], "three or four parts");
    refuses(&["--xroad", "127.0.0.1:0", "--xroad-batch", "10001"], "10001");
    refuses(&["--xroad", "127.0.0.1:0", "--xroad-group", "0"], "0");
}
