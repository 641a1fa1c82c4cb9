//! The log: appending, proving, reading entries.

use ballot::encode::{Record, sha256};
use board::tree::{Tree, leaf_hash, verify_inclusion};
use board::{Entry, Post, PostKind};
use criterion::{BatchSize, Criterion, Throughput};
use e2e::lab;

fn tree(leaves: u32) -> Tree {
    Tree::from_leaves((0..leaves).map(|i| leaf_hash(&i.to_be_bytes())))
}

pub fn trees(c: &mut Criterion) {
    let large = tree(100_000);
    let mut group = c.benchmark_group("tree");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("append 1000 to 100000", |b| {
        let append = |mut tree: Tree| {
            (0..1000u32).for_each(|i| tree.push(leaf_hash(&i.to_be_bytes())));
            tree.root()
        };
        b.iter_batched(|| large.clone(), append, BatchSize::LargeInput);
    });
    group.finish();
    let (size, root, leaf) = (large.len(), large.root(), leaf_hash(&77_777u32.to_be_bytes()));
    let path = large.inclusion(77_777, size).unwrap();
    c.bench_function("tree/inclusion of 100000", |b| b.iter(|| large.inclusion(77_777, size).unwrap()));
    c.bench_function("tree/verify inclusion", |b| b.iter(|| verify_inclusion(&leaf, 77_777, size, &path, &root).unwrap()));
    c.bench_function("tree/consistency of 100000", |b| b.iter(|| large.consistency(66_666, size).unwrap()));
}

pub fn entries(c: &mut Criterion) {
    let ballot = Entry::Ballot { envelope: [1; 32], ballot: vec![7; 840] }.to_bytes();
    let post = Post::new(PostKind::Commit, 1, sha256(b"blob"), &[3; 32], &lab::signing_key("trustee-1"));
    let post = Entry::Post(post).to_bytes();
    c.bench_function("entry/decode a ballot entry", |b| b.iter(|| Entry::from_bytes(&ballot).unwrap()));
    c.bench_function("entry/decode a post", |b| b.iter(|| Entry::from_bytes(&post).unwrap()));
    c.bench_function("entry/leaf hash of a ballot entry", |b| b.iter(|| leaf_hash(&ballot)));
}
