//! ENTRY-4: whose a post is.

use crate::election::secret_key;
use crate::*;
use ballot::manifest::Manifest;
use board::post::{PostError, Role};
use board::{Post, PostKind};

#[test]
fn a_post_is_its_authors() {
    let manifest = Manifest::from_bytes(text(&load("03-orders"), "manifest").as_bytes()).unwrap();
    let d = manifest.description();
    let trustees = d.trustees.members.len() as u16;
    let (first, second) = (secret_key(&d.trustees.members[0].name), secret_key(&d.trustees.members[1].name));
    let mixer = secret_key(&d.mixers.members[0].name);
    let post = |kind, author, key| Post::new(kind, author, [7; 32], &manifest.id(), key);
    let good = post(PostKind::Commit, 1, &first);
    assert_eq!(good.verify(&manifest), Ok(()));
    assert_eq!(post(PostKind::Mix, 1, &mixer).verify(&manifest), Ok(()));
    for wrong in [
        post(PostKind::Commit, 1, &second),
        post(PostKind::Commit, 2, &first),
        post(PostKind::Mix, 1, &first),
        Post::new(PostKind::Commit, 1, [7; 32], &[0; 32], &first),
        Post { blob: [8; 32], ..good.clone() },
        Post { kind: PostKind::Reveal, ..good.clone() },
    ] {
        assert_eq!(wrong.verify(&manifest), Err(PostError::Signature));
    }
    for wrong in [
        post(PostKind::Commit, 0, &first),
        post(PostKind::Commit, trustees + 1, &first),
        Post { role: Role::Mixer, ..good.clone() },
        Post { role: Role::Trustee, ..post(PostKind::Mix, 1, &mixer) },
    ] {
        assert_eq!(wrong.verify(&manifest), Err(PostError::Author));
    }
}

/// The words of 08-board, and the largest blobs (ENTRY-7).
#[test]
fn words_and_sizes_of_posts() {
    use PostKind::*;
    let kinds = [Commit, Reveal, Deal, Confirm, Complaint, Drill, Mix, Intent, Opening];
    assert_eq!(kinds.map(PostKind::name).join(" "), "commit reveal deal confirm complaint drill mix intent opening");
    for kind in kinds {
        assert_eq!(kind.blob_limit(), if kind == Mix || kind == Opening { 1_073_741_824 } else { 1_048_576 });
    }
}
