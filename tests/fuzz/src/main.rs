//! libFuzzer around one target: `HAAL_FUZZ_TARGET` names it, the arguments are libFuzzer's own.
#![no_main]

use e2e::fuzz::{TARGETS, Target, target};
use std::sync::LazyLock;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("HAAL_FUZZ_TARGET").unwrap_or_default();
    let Some(target) = target(&name) else {
        let names: Vec<&str> = TARGETS.iter().map(|t| t.name).collect();
        eprintln!("HAAL_FUZZ_TARGET is {name:?}; the targets are {}", names.join(" "));
        std::process::exit(64);
    };
    if let Some(folder) = std::env::var_os("HAAL_FUZZ_SEEDS") {
        for (n, seed) in (target.seeds)().iter().enumerate() {
            std::fs::write(std::path::Path::new(&folder).join(format!("seed-{n:02}")), seed).expect("a folder for seeds");
        }
        std::process::exit(0);
    }
    target
});

libfuzzer_sys::fuzz_target!(init: { LazyLock::force(&TARGET); }, |data: &[u8]| (TARGET.run)(data));
