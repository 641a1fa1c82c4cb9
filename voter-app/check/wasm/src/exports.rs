//! The functions that the page calls. Bytes go through two buffers that belong to this side: the page asks for room, writes, and calls; the
//! answer's place and length are asked for. The one place where a name must be exported, which Rust calls unsafe.
#![allow(unsafe_code)]

use crate::{Files, Question, look};
use serde_json::json;
use std::cell::RefCell;

#[derive(Default)]
struct Shop {
    files: Files,
    input: Vec<u8>,
    answer: Vec<u8>,
}

thread_local! {
    static SHOP: RefCell<Shop> = RefCell::default();
}

/// Makes room for `length` bytes of input and says where.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    SHOP.with_borrow_mut(|shop| {
        shop.input = vec![0; length];
        shop.input.as_mut_ptr()
    })
}

/// Takes the input as a file of the board: the first `path` bytes are its name. `found` is 0 if the server has no such file.
#[unsafe(no_mangle)]
pub extern "C" fn give(path: usize, found: u32) {
    SHOP.with_borrow_mut(|shop| {
        let input = std::mem::take(&mut shop.input);
        if let Some((name, bytes)) = input.split_at_checked(path) {
            shop.files.give(String::from_utf8_lossy(name).into_owned(), (found != 0).then(|| bytes.to_vec()));
        }
    });
}

/// Forgets all files: the next question reads the board again.
#[unsafe(no_mangle)]
pub extern "C" fn forget() {
    SHOP.with_borrow_mut(|shop| *shop = Shop::default());
}

/// Takes the input as a question in JSON; gives the length of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn ask() -> usize {
    SHOP.with_borrow_mut(|shop| {
        let input = std::mem::take(&mut shop.input);
        let answer = match serde_json::from_slice::<Question>(&input) {
            Ok(question) => look(&shop.files, &question),
            Err(error) => json!({ "refused": { "rule": "CHECK-1", "text": error.to_string() } }),
        };
        shop.answer = answer.to_string().into_bytes();
        shop.answer.len()
    })
}

/// Where the answer lies until the next question.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    SHOP.with_borrow(|shop| shop.answer.as_ptr())
}
