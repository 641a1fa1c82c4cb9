//! Completions and manual pages of all four programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use e2e::process::{self, must, run};

/// A program, one of its commands, and an option of that command.
const PROGRAMS: [(&str, &str, &str); 4] = [
    ("voter-app", "cast", "--no-wait"),
    ("collector", "serve", "--listen"),
    ("tally", "ceremony", "--board"),
    ("verifier", "check", "--evidence"),
];

#[test]
fn every_program_has_completions_and_manual_pages() {
    process::build().unwrap();
    for (program, command, option) in PROGRAMS {
        for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
            let text = must(program, ["completions", shell]).unwrap();
            let option = if shell == "fish" { &option[2..] } else { option };
            assert!(text.contains(program) && text.contains(command) && text.contains(option), "{program} {shell}");
        }
        let folder = tempfile::tempdir().unwrap();
        let said = must(program, ["manual".as_ref(), folder.path().as_os_str()]).unwrap();
        assert_eq!(said, "");
        let read = |page: &str| std::fs::read_to_string(folder.path().join(page)).unwrap_or_else(|e| panic!("{page}: {e}"));
        let whole = read(&format!("{program}.1"));
        assert!(whole.starts_with(".ie \\n(.g .ds Aq") || whole.contains(".TH "), "{program}: a page for man");
        assert!(read(&format!("{program}-{command}.1")).contains(&option[2..].replace('-', "\\-")), "{program} {command}");
        // Every command that the help shows has a page, and those for packagers have none.
        let help = run(program, ["--help"]).unwrap().out;
        let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
        let shown: Vec<&str> =
            list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|name| !name.is_empty()).collect();
        assert!(shown.contains(&command) && !shown.contains(&"manual") && !shown.contains(&"completions"), "{program}: {shown:?}");
        for name in shown.iter().filter(|name| **name != "help") {
            assert!(read(&format!("{program}-{name}.1")).len() > 200, "{program} {name}");
        }
        assert_eq!(run(program, ["completions", "tcsh"]).unwrap().code, 64);
    }
}
