//! The explorer as a client meets it: the address, who is refused, and the numbers of the command line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A server of its own, ended with the test.
struct Explorer {
    child: Child,
    port: u16,
    token: String,
}

/// Status, headers and body.
struct Answer(u16, String, Vec<u8>);

impl Explorer {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("eqprop"))
            .args(["explore", "--no-browser"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let rest = line.trim().strip_prefix("http://127.0.0.1:").unwrap();
        let (port, token) = rest.split_once("/?token=").unwrap();
        Self {
            port: port.parse().unwrap(),
            token: token.to_owned(),
            child,
        }
    }

    /// Sends bytes as they are.
    fn raw(&self, request: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream.write_all(request).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer(status, head, bytes[end + 4..].to_vec()))
    }

    fn get(&self, path: &str, headers: &str) -> u16 {
        let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        self.raw(request.as_bytes()).unwrap().0
    }

    fn own_headers(&self) -> String {
        format!(
            "Host: 127.0.0.1:{0}\r\nCookie: eqprop_{0}={1}\r\n",
            self.port, self.token
        )
    }

    fn post(&self, view: &str, body: &[u8]) -> Answer {
        let mut request = format!(
            "POST /api/{view} HTTP/1.1\r\nConnection: close\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.own_headers(),
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.raw(&request).unwrap()
    }

    fn ask(&self, view: &str, question: &Value) -> Value {
        let Answer(status, _, body) = self.post(view, question.to_string().as_bytes());
        let text = String::from_utf8_lossy(&body);
        assert_eq!(status, 200, "{view}: {text}");
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PROBLEM: &str = r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
    "weights": [[0.4, -1.2], [1.5, 0.2]], "bias": [0.3, -0.2], "outputs": [1]}, "target": [0.6]}"#;

#[test]
fn only_the_page_with_the_token_is_answered() {
    let explorer = Explorer::start(&[]);
    let (port, token) = (explorer.port, &explorer.token);
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    let own = explorer.own_headers();
    assert_eq!(explorer.get(&format!("/?token={token}"), &host), 200);
    assert_eq!(explorer.get("/main.js", &own), 200);
    for (path, headers) in [
        ("/", host.clone()),
        ("/main.js", host.clone()),
        ("/?token=0", host.clone()),
        ("/nothing", host.clone()),
        ("/", "Host: evil.example\r\n".to_owned()),
        ("/", own.replace("Host: 127.0.0.1", "Host: rebound.example")),
        ("/", format!("{own}Origin: http://evil.example\r\n")),
        ("/", format!("{own}Origin: null\r\n")),
        ("/api/alive", host.clone()),
    ] {
        assert_eq!(explorer.get(path, &headers), 403, "{path} {headers}");
    }
    for path in [
        "/nothing",
        "/../Cargo.toml",
        "/assets/main.js",
        "/%2e%2e/etc/passwd",
        "/api/x",
    ] {
        assert_eq!(explorer.get(path, &own), 404, "{path}");
    }
}

#[test]
fn broken_requests_are_refused_and_it_still_serves() {
    let explorer = Explorer::start(&[]);
    let own = explorer.own_headers();
    assert_eq!(explorer.post("portrait", b"{").0, 422);
    assert_eq!(explorer.post("portrait", b"[1, 2]").0, 422);
    assert_eq!(explorer.post("portrait", br#"{"text": "{"}"#).0, 422);
    assert_eq!(
        explorer
            .post("learn", br#"{"text": "{}", "rate": 1, "steps": 9}"#)
            .0,
        422
    );
    assert_eq!(explorer.post("nothing", b"{}").0, 404);
    assert_eq!(explorer.post("describe", &vec![b' '; 3 << 20]).0, 413);
    let form = format!(
        "POST /api/start HTTP/1.1\r\nConnection: close\r\n{own}Content-Length: 2\r\n\r\n{{}}"
    );
    assert_eq!(explorer.raw(form.as_bytes()).unwrap().0, 415);
    let put = format!("PUT / HTTP/1.1\r\nConnection: close\r\n{own}\r\n");
    assert_eq!(explorer.raw(put.as_bytes()).unwrap().0, 405);
    let refused = explorer.raw(b"\x16\x03\x01 not http\r\n\r\n");
    assert!(refused.is_none_or(|answer| answer.0 == 400));
    // many that say nothing
    let idle: Vec<TcpStream> = (0..200)
        .map(|_| TcpStream::connect(("127.0.0.1", explorer.port)).unwrap())
        .collect();
    assert_eq!(explorer.get("/style.css", &own), 200);
    drop(idle);
    let Answer(status, head, _) = explorer.post("start", b"{}");
    let head = head.to_lowercase();
    assert_eq!(status, 200);
    assert!(
        head.contains("content-security-policy: default-src 'none'"),
        "{head}"
    );
    assert!(head.contains("cache-control: no-store"), "{head}");
}

#[test]
fn the_numbers_are_those_of_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("problem.json");
    std::fs::write(&path, PROBLEM).unwrap();
    let explorer = Explorer::start(&[path.to_str().unwrap()]);
    let start = explorer.ask("start", &json!({}));
    assert_eq!(start["first"]["text"], PROBLEM);
    assert_eq!(start["examples"].as_array().unwrap().len(), 12);
    let said = Command::new(assert_cmd::cargo::cargo_bin!("eqprop"))
        .arg("gradient")
        .arg(&path)
        .arg("--json")
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    let shown = explorer.ask("learning", &json!({"text": PROBLEM, "beta": 0.5}));
    for name in [
        "fixed_point",
        "angle_degrees",
        "ep_update",
        "negative_gradient",
        "eigenvalues",
    ] {
        assert_eq!(shown["limit"][name], said[name], "{name}");
    }
    assert_eq!(shown["measured"]["beta"], 0.5);
    // what is shown is what is described, written out and read again
    let described = explorer.ask("describe", &json!({"text": PROBLEM}));
    let again = described["problem"].to_string();
    let same = explorer.ask("learning", &json!({"text": again}));
    assert_eq!(same["limit"]["angle_degrees"], said["angle_degrees"]);
    let portrait = explorer.ask("portrait", &json!({"text": PROBLEM, "draft": true}));
    let point = &portrait["fields"][0]["fixed_points"][0];
    for k in 0..2 {
        let gap = point["state"][k].as_f64().unwrap() - said["fixed_point"][k].as_f64().unwrap();
        assert!(gap.abs() < 1e-9);
    }
    let run = explorer.ask("trajectory", &json!({"text": PROBLEM, "beta": 1.0}));
    assert_eq!(run["rests"], true);
    // a step along the gradient lowers the cost
    let learned = explorer.ask(
        "learn",
        &json!({"text": PROBLEM, "true_gradient": true, "rate": 0.1, "steps": 20}),
    );
    let cost: Vec<f64> = serde_json::from_value(learned["cost"].clone()).unwrap();
    assert!(cost.len() == 21 && cost[20] < 0.2 * cost[0], "{cost:?}");
    let Answer(status, _, bytes) = explorer.post(
        "save",
        json!({"text": PROBLEM, "format": "pdf"})
            .to_string()
            .as_bytes(),
    );
    assert!(status == 200 && bytes.starts_with(b"%PDF"));
}

#[test]
fn files_of_xppaut_and_arrays_in_files_are_opened() {
    let directory = tempfile::tempdir().unwrap();
    let ode = directory.path().join("pair.ode");
    let text = "par a=0.7 I=0.2\ninit v=-1 w=-0.4\nv'=v-v^3/3-w+I\nw'=0.08*(v+a-0.8*w)\ndone\n";
    std::fs::write(&ode, text).unwrap();
    let explorer = Explorer::start(&[ode.to_str().unwrap()]);
    let first = explorer.ask("start", &json!({}))["first"]["text"].clone();
    let dropped = explorer.ask("open", &json!({"ode": text}));
    assert_eq!(dropped["text"], first);
    let run = explorer.ask("trajectory", &json!({"text": first}));
    assert_eq!(run["state"][0], json!([-1.0, -0.4]));
    // saved as .ode and opened again it is the same field
    let question = json!({"text": first, "format": "ode"}).to_string();
    let Answer(status, _, bytes) = explorer.post("save", question.as_bytes());
    assert_eq!(status, 200);
    let saved = String::from_utf8(bytes).unwrap();
    let again = explorer.ask("open", &json!({"ode": saved}))["text"].clone();
    let rests = |text: &Value| {
        let run = explorer.ask("trajectory", &json!({"text": text}));
        run["state"].as_array().unwrap().last().unwrap().clone()
    };
    let (one, other) = (rests(&first), rests(&again));
    for k in 0..2 {
        assert!((one[k].as_f64().unwrap() - other[k].as_f64().unwrap()).abs() < 1e-9);
    }
    let broken = explorer.post("open", br#"{"ode": "v'=v+\ndone\n"}"#);
    let body = String::from_utf8(broken.2).unwrap();
    assert!(broken.0 == 422 && body.contains("line 1"), "{body}");

    // the page cannot read the file that the problem names: it is shown with its numbers
    let weights = r#"{"sparse": {"row": [0], "column": [1], "value": [0.5]}}"#;
    std::fs::write(directory.path().join("bias.npy"), npy(&[0.3, -0.2])).unwrap();
    let named = directory.path().join("named.json");
    std::fs::write(
        &named,
        PROBLEM.replace("[0.3, -0.2]", r#"{"file": "bias.npy"}"#),
    )
    .unwrap();
    let explorer = Explorer::start(&[named.to_str().unwrap()]);
    let first = explorer.ask("start", &json!({}))["first"]["text"].clone();
    let shown = explorer.ask("learning", &json!({"text": first}));
    let meant = explorer.ask("learning", &json!({"text": PROBLEM}));
    assert_eq!(
        shown["limit"]["angle_degrees"],
        meant["limit"]["angle_degrees"]
    );
    let sparse = PROBLEM.replace("[[0.4, -1.2], [1.5, 0.2]]", weights);
    let refused = explorer.post("describe", json!({"text": sparse}).to_string().as_bytes());
    assert_eq!(refused.0, 422);
}

/// A `.npy` file of doubles in one dimension.
fn npy(values: &[f64]) -> Vec<u8> {
    let head = format!(
        "{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}",
        values.len()
    );
    let head = format!("{head:<117}\n");
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((head.len() as u16).to_le_bytes());
    out.extend(head.bytes());
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    out
}

#[test]
fn an_oscillator_is_shown_and_an_endless_run_is_cut() {
    let explorer = Explorer::start(&[]);
    let examples = explorer.ask("start", &json!({}))["examples"].clone();
    let text = &examples[4]["text"];
    let run = explorer.ask("trajectory", &json!({"text": text}));
    assert_eq!(run["rests"], false);
    let portrait = explorer.ask("portrait", &json!({"text": text}));
    assert_eq!(portrait["fields"][0]["cycles"].as_array().unwrap().len(), 1);
    let refused = explorer.post("learning", json!({"text": text}).to_string().as_bytes());
    let body = String::from_utf8(refused.2).unwrap();
    assert!(refused.0 == 422 && body.contains("limit_cycle"), "{body}");
    for example in examples.as_array().unwrap() {
        let question = json!({"text": example["text"], "draft": true, "beta": 0.3});
        let shown = explorer.ask("portrait", &question);
        assert_eq!(
            shown["fields"].as_array().unwrap().len(),
            2,
            "{}",
            example["name"]
        );
        explorer.ask("describe", &json!({"text": example["text"]}));
    }
}

#[cfg(unix)]
#[test]
fn a_termination_signal_ends_it_cleanly() {
    let mut explorer = Explorer::start(&[]);
    let signalled = Command::new("kill")
        .args(["-TERM", &explorer.child.id().to_string()])
        .status()
        .unwrap();
    assert!(signalled.success());
    let begun = Instant::now();
    loop {
        if let Some(status) = explorer.child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(0));
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(50));
    }
}
