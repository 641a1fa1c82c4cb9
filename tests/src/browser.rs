//! A real browser, driven over the DevTools protocol: headless Chromium, spoken to through two pipes. Nothing beyond the Debian package
//! `chromium` is needed; [`Browser::open`] gives nothing where there is none, and the test says so.

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The longest that anything may take before the test fails.
const MOST: Duration = Duration::from_secs(60);

/// One browser with one window. It ends with this value.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    to: File,
    said: Receiver<Value>,
    number: u64,
    session: Option<String>,
    /// Pages run scripts.
    scripted: bool,
    /// Errors that pages wrote to the console, and requests that went elsewhere than to the loopback address.
    pub complaints: Vec<String>,
}

/// Where Chromium is, if it is installed.
pub fn chromium() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name))).find(|path| path.is_file())
}

impl Browser {
    /// Starts Chromium with its profile in a new folder; nothing if it is not installed.
    pub fn open(profile: &Path) -> Result<Option<Self>> {
        let Some(program) = chromium() else { return Ok(None) };
        std::fs::create_dir_all(profile)?;
        let (orders, answers) = (profile.join("orders"), profile.join("answers"));
        ensure!(Command::new("mkfifo").arg(&orders).arg(&answers).status()?.success(), "mkfifo failed");
        let log = File::create(profile.join("chromium.log"))?;
        // The shell gives Chromium the descriptors 3 and 4, on which it speaks the protocol.
        let child = Command::new("sh")
            .args(["-c", "in=$1; out=$2; shift 2; exec \"$@\" 3<\"$in\" 4>\"$out\"", "sh"])
            .args([orders.as_os_str(), answers.as_os_str(), program.as_os_str()])
            .args(["--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--lang=en"])
            .arg(format!("--user-data-dir={}", profile.join("profile").display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start chromium")?;
        let to = File::options().write(true).open(&orders)?;
        let mut from = BufReader::new(File::open(&answers)?);
        let (hear, said) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while from.read_until(0, &mut message).is_ok_and(|n| n > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else { break };
                if hear.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut browser = Self { child, to, said, number: 0, session: None, scripted: true, complaints: Vec::new() };
        let targets = browser.call("Target.getTargets", json!({}))?;
        let found =
            targets["targetInfos"].as_array().and_then(|all| all.iter().find(|t| t["type"] == "page")).map(|t| t["targetId"].clone());
        let target = match found {
            Some(target) => target,
            None => browser.call("Target.createTarget", json!({ "url": "about:blank" }))?["targetId"].clone(),
        };
        let attached = browser.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }))?;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}))?;
        }
        Ok(Some(browser))
    }

    /// One call of the protocol.
    pub fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(message.to_string().as_bytes())?;
        self.to.write_all(&[0])?;
        let end = Instant::now() + MOST;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let answer = self.said.recv_timeout(left).with_context(|| format!("{method}: the browser does not answer"))?;
            self.note(&answer);
            if answer["id"] == self.number {
                ensure!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return Ok(answer["result"].clone());
            }
        }
    }

    fn note(&mut self, event: &Value) {
        let method = event["method"].as_str().unwrap_or_default();
        match method {
            "Log.entryAdded" if event["params"]["entry"]["level"] == "error" => {
                self.complaints.push(format!("{} {}", event["params"]["entry"]["text"], event["params"]["entry"]["url"]));
            }
            "Runtime.exceptionThrown" => self.complaints.push(event["params"]["exceptionDetails"].to_string()),
            "Network.requestWillBeSent" => {
                let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
                if !url.starts_with("http://127.0.0.1:") && !url.starts_with("data:") && url != "about:blank" {
                    self.complaints.push(format!("a request to {url}"));
                }
            }
            _ => {}
        }
    }

    /// Goes to an address and waits for it.
    pub fn goto(&mut self, url: &str) -> Result<()> {
        self.call("Page.navigate", json!({ "url": url }))?;
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")
    }

    /// The value of an expression in the page; a promise is waited for.
    pub fn eval(&mut self, script: &str) -> Result<Value> {
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", params)?;
        ensure!(answer["exceptionDetails"].is_null(), "{script}: {}", answer["exceptionDetails"]);
        Ok(answer["result"]["value"].clone())
    }

    /// The text of what a selector finds.
    pub fn text(&mut self, selector: &str) -> Result<String> {
        let value = self.eval(&format!("document.querySelector({})?.innerText ?? ''", json!(selector)))?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until an expression is true. A page that is being left counts as not yet.
    pub fn until(&mut self, condition: &str) -> Result<()> {
        let end = Instant::now() + MOST;
        loop {
            if self.eval(&format!("Boolean({condition})")).is_ok_and(|v| v == json!(true)) {
                return Ok(());
            }
            if Instant::now() > end {
                let page = self.eval("location.href + ' ' + document.body?.innerText").unwrap_or_default();
                bail!("`{condition}` did not come true on {page}");
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Clicks the middle of what a selector finds, as a mouse does; then waits for a page if one is loaded. What is clicked must be drawn
    /// and lie still: a page that is still growing moves it away.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        let found = format!(
            "(() => {{ const e = document.querySelector({}); if (!e || document.readyState !== 'complete') return null; \
             e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()",
            json!(selector)
        );
        for _ in 0..3 {
            let end = Instant::now() + MOST;
            let mut at = self.eval(&found).unwrap_or_default();
            loop {
                std::thread::sleep(Duration::from_millis(60));
                let now = self.eval(&found).unwrap_or_default();
                if now.is_array() && now == at {
                    break;
                }
                at = now;
                ensure!(Instant::now() < end, "nothing to click: {selector} on {}", self.text("body")?);
            }
            let _ =
                self.eval("window.heard = false; addEventListener('click', () => { window.heard = true; }, { capture: true, once: true })");
            for kind in ["mousePressed", "mouseReleased"] {
                let params = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
                self.call("Input.dispatchMouseEvent", params)?;
            }
            self.settle()?;
            if !self.scripted || self.was_heard() {
                break;
            }
        }
        Ok(())
    }

    /// A browser on a busy machine loses clicks. The page that was clicked at has heard it, or has made way for another.
    fn was_heard(&mut self) -> bool {
        let end = Instant::now() + Duration::from_secs(2);
        while self.eval("window.heard === false").is_ok_and(|lost| lost == json!(true)) {
            if Instant::now() > end {
                return false;
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        true
    }

    /// Waits until no page is being loaded.
    pub fn settle(&mut self) -> Result<()> {
        std::thread::sleep(Duration::from_millis(120));
        self.until("document.readyState === 'complete'")
    }

    /// Presses a key: `Tab`, `Enter`, `Space`, `ArrowDown`, …; with `Shift+` before it if wanted.
    pub fn key(&mut self, name: &str) -> Result<()> {
        let (shift, name) = name.strip_prefix("Shift+").map_or((0, name), |rest| (8, rest));
        let (key, code, number, text) = match name {
            "Tab" => ("Tab", "Tab", 9, ""),
            "Enter" => ("Enter", "Enter", 13, "\r"),
            "Space" => (" ", "Space", 32, " "),
            "ArrowDown" => ("ArrowDown", "ArrowDown", 40, ""),
            "ArrowUp" => ("ArrowUp", "ArrowUp", 38, ""),
            other => bail!("no key {other}"),
        };
        let params = |kind: &str, text: &str| json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "text": text, "modifiers": shift });
        self.call("Input.dispatchKeyEvent", params(if text.is_empty() { "rawKeyDown" } else { "keyDown" }, text))?;
        self.call("Input.dispatchKeyEvent", params("keyUp", ""))?;
        Ok(())
    }

    /// Types a text where the keyboard is.
    pub fn write(&mut self, text: &str) -> Result<()> {
        self.call("Input.insertText", json!({ "text": text })).map(drop)
    }

    /// Sets the size of the window, in CSS pixels.
    pub fn size(&mut self, width: u32, height: u32) -> Result<()> {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", params).map(drop)
    }

    /// What the voter has set: (`forced-colors`, `active`), (`prefers-reduced-motion`, `reduce`), …
    pub fn prefer(&mut self, features: &[(&str, &str)]) -> Result<()> {
        let features: Vec<Value> = features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).map(drop)
    }

    /// Pages run no scripts, or do again.
    pub fn scripts(&mut self, on: bool) -> Result<()> {
        self.scripted = on;
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !on })).map(drop)
    }

    /// The whole page as a picture.
    pub fn picture(&mut self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let answer = self.call("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }))?;
        Ok(std::fs::write(file, STANDARD.decode(answer["data"].as_str().unwrap_or_default())?)?)
    }

    /// Closes the window as a voter does, so that the browser writes what it writes.
    pub fn close(mut self) -> Result<()> {
        self.session = None;
        let _ = self.call("Browser.close", json!({}));
        let end = Instant::now() + Duration::from_secs(20);
        while self.child.try_wait()?.is_none() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
