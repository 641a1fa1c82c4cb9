//! Bytes at random: nothing panics, and nothing changes unnoticed.

use super::*;

/// Whatever the bytes are, every check ends and none panics.
#[test]
fn noise() {
    let rounds = std::env::var("NOISE").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(12);
    for round in 0..rounds {
        let mut record = Tampered::new();
        let mut state = sha256(&u64::to_be_bytes(round));
        let mut next = |most: usize| {
            state = sha256(&state);
            usize::from_be_bytes(state[..8].try_into().unwrap()) % most.max(1)
        };
        for _ in 0..8 {
            let index = next(record.entries.len());
            let entry = &record.entries[index];
            let at = match entry[0] {
                2 if entry[55..87] != [0; 32] => Some(55),
                3 => Some(6),
                _ => None,
            };
            let (how, value) = (next(4), next(256) as u8);
            let mut spoil = |bytes: &mut Vec<u8>| {
                let place = next(bytes.len().min(120));
                match how {
                    0 => bytes[place] = value,
                    1 => bytes.truncate(place),
                    2 => bytes.extend([value; 3]),
                    _ => {
                        let place = next(bytes.len());
                        bytes[place] ^= value;
                    }
                }
            };
            match at {
                Some(at) if entry.len() > at + 32 && value % 8 > 0 => record.change_blob(index, at, spoil),
                _ => spoil(&mut record.entries[index]),
            }
            if record.entries[index].len() < 88 && record.entries[index].first().is_none_or(|kind| [2, 3].contains(kind)) {
                record.entries[index].resize(88, 0);
            }
        }
        record.run();
    }
}

fn report(folder: &Path, threads: usize) -> Report {
    run::check(folder.to_str().unwrap(), &Options { threads, ..Options::default() })
}

#[test]
fn no_byte_and_no_file_changes_unnoticed() {
    let record = Tampered::new();
    let root = record.folder.path();
    assert_eq!(report(root, 1).verdict, Verdict::NotAnchored);
    assert_eq!(report(root, 1).json(), report(root, 2).json());
    let mut files = Vec::new();
    walk(root, &mut files);
    for (number, file) in files.iter().enumerate() {
        let original = fs::read(file).unwrap();
        let mut changed = original.clone();
        let at = number * 7919 % changed.len();
        changed[at] ^= 1 << (number % 8);
        fs::write(file, &changed).unwrap();
        // Nobody said which election it must be, so the manifest is only held against everything else.
        assert!(matches!(report(root, 2).verdict, Verdict::Failed | Verdict::Unreadable), "{} byte {at}", file.display());
        if number % 5 > 0 {
            fs::write(file, &original).unwrap();
            continue;
        }
        fs::write(file, &original[..original.len() - 1]).unwrap();
        assert!(matches!(report(root, 2).verdict, Verdict::Failed | Verdict::Unreadable), "{} cut", file.display());
        fs::remove_file(file).unwrap();
        assert!(matches!(report(root, 2).verdict, Verdict::Failed | Verdict::Unreadable), "{} removed", file.display());
        fs::write(file, original).unwrap();
    }
    fs::write(root.join("blob/extra"), b"").unwrap();
    assert_eq!(report(root, 2).verdict, Verdict::Failed);
    fs::remove_file(root.join("blob/extra")).unwrap();
    fs::create_dir(root.join("tile/9")).unwrap();
    assert_eq!(report(root, 2).verdict, Verdict::Failed);
    fs::remove_dir(root.join("tile/9")).unwrap();
    assert_eq!(report(root, 2).verdict, Verdict::NotAnchored);
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for item in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if item.file_type().unwrap().is_dir() { walk(&item.path(), files) } else { files.push(item.path()) }
    }
}
