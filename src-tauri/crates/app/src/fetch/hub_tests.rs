//! Against a server on this machine that answers as the hub does: a redirect to where the file lies, then ranges of it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};

use super::*;
use crate::fetch::{Asked, fetched};
use crate::models::{Source, hex, tiny_model};

/// How the server behaves.
#[derive(Clone, Default)]
struct Manner {
    bytes: Vec<u8>,
    /// The hash it gives.
    etag: String,
    /// Breaks the first answer that is longer off after so many bytes.
    cut: Option<usize>,
    /// Answers with this status only.
    refuse: Option<u16>,
    /// Sends slowly.
    slow: bool,
}

struct Fake {
    hub: Hub,
    ranges: Arc<Mutex<Vec<String>>>,
}

fn serve(manner: Manner) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let ranges = Arc::new(Mutex::new(Vec::new()));
    let (heard, base) = (ranges.clone(), address.clone());
    let cut = Arc::new(Mutex::new(manner.cut));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (manner, heard, base, cut) =
                (manner.clone(), heard.clone(), base.clone(), cut.clone());
            std::thread::spawn(move || answer(stream, &manner, &heard, &base, &cut));
        }
    });
    Fake {
        hub: Hub::parse(&address).unwrap(),
        ranges,
    }
}

fn answer(
    mut stream: TcpStream,
    manner: &Manner,
    heard: &Mutex<Vec<String>>,
    base: &str,
    cut: &Mutex<Option<usize>>,
) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let asked = lines.next().unwrap().unwrap();
    let mut range = String::new();
    for line in lines.map_while(std::result::Result::ok) {
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: ") {
            range = value.to_owned();
        }
    }
    let path = asked.split(' ').nth(1).unwrap();
    if let Some(code) = manner.refuse {
        let _ = write!(
            stream,
            "HTTP/1.1 {code} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        return;
    }
    if path == "/Firm/Tiny-GGUF/resolve/main/tiny.gguf" {
        let etag = &manner.etag;
        let _ = write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {base}/store/tiny\r\nX-Repo-Commit: 0123abcd\r\nX-Linked-Etag: \"{etag}\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        return;
    }
    assert_eq!(path, "/store/tiny");
    heard.lock().unwrap().push(range.clone());
    let (from, to) = range
        .strip_prefix("bytes=")
        .unwrap()
        .split_once('-')
        .unwrap();
    let size = manner.bytes.len();
    let from: usize = from.parse().unwrap();
    let to = to.parse().map_or(size, |to: usize| to + 1);
    let _ = write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {from}-{}/{size}\r\nConnection: close\r\n\r\n",
        to - from,
        to - 1
    );
    let mut bytes = &manner.bytes[from..to];
    if bytes.len() > 1
        && let Some(at) = cut.lock().unwrap().take()
    {
        bytes = &bytes[..at];
    }
    for piece in bytes.chunks(if manner.slow { 64 } else { bytes.len().max(1) }) {
        if stream.write_all(piece).is_err() {
            return;
        }
        if manner.slow {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn tiny() -> Vec<u8> {
    tiny_model::parts("llama", 1).bytes().1
}

fn well(bytes: Vec<u8>) -> Manner {
    Manner {
        etag: hex(&Sha256::digest(&bytes)),
        bytes,
        ..Manner::default()
    }
}

fn entry() -> Entry {
    let mut entry = crate::models::catalogue().pop().unwrap();
    entry.id = "tiny".into();
    entry.size_bytes = 0;
    entry.sha256 = None;
    entry.source = Some(Source::HuggingFace {
        repo: "Firm/Tiny-GGUF".into(),
        file: "tiny.gguf".into(),
    });
    entry
}

struct Run {
    _folder: tempfile::TempDir,
    home: Home,
}

fn run() -> Run {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path()).unwrap();
    Run {
        _folder: folder,
        home,
    }
}

fn get(run: &Run, fake: &Fake, report: &mut dyn FnMut(u64, u64) -> bool) -> Result<()> {
    let asked = Asked {
        accepted: false,
        hub: fake.hub.clone(),
    };
    crate::fetch::entry(&run.home, &entry(), &asked, report)
}

#[test]
fn a_file_is_fetched_checked_and_installed() {
    let (run, bytes) = (run(), tiny());
    let fake = serve(well(bytes.clone()));
    let mut last = (0, 0);
    get(&run, &fake, &mut |done, total| {
        last = (done, total);
        true
    })
    .unwrap();
    assert_eq!(last, (bytes.len() as u64, bytes.len() as u64));
    let installed = run.home.models().join("tiny/tiny.gguf");
    assert_eq!(fs::read(installed).unwrap(), bytes);
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(run.home.models()).unwrap().count(), 1);
}

#[test]
fn a_broken_connection_is_taken_up_where_it_broke() {
    let (run, bytes) = (run(), tiny());
    let fake = serve(Manner {
        cut: Some(1000),
        ..well(bytes.clone())
    });
    get(&run, &fake, &mut |_, _| true).unwrap();
    let ranges = fake.ranges.lock().unwrap().clone();
    assert_eq!(
        ranges,
        ["bytes=0-0", "bytes=0-", "bytes=0-0", "bytes=1000-"]
    );
    let installed = run.home.models().join("tiny/tiny.gguf");
    assert_eq!(fs::read(installed).unwrap(), bytes);
}

#[test]
fn a_cancelled_fetch_goes_on_the_next_time() {
    let (run, bytes) = (run(), tiny());
    let fake = serve(Manner {
        slow: true,
        ..well(bytes.clone())
    });
    let error = get(&run, &fake, &mut |done, _| done < 300).unwrap_err();
    assert_eq!(error.message.en, "Cancelled.");
    let kept = fetched(&run.home, "tiny");
    assert!(kept >= 300 && kept < bytes.len() as u64, "{kept} bytes");
    assert!(!run.home.models().join("tiny").exists());

    let quick = serve(well(bytes));
    get(&run, &quick, &mut |_, _| true).unwrap();
    let ranges = quick.ranges.lock().unwrap().clone();
    assert_eq!(ranges.len(), 2);
    let from: u64 = ranges[1]["bytes=".len()..ranges[1].len() - 1]
        .parse()
        .unwrap();
    assert!(from >= kept, "went on at {from}, {kept} were there");
    assert!(run.home.models().join("tiny/tiny.gguf").exists());
}

#[test]
fn a_file_with_another_hash_is_not_installed_nor_kept() {
    let run = run();
    let fake = serve(Manner {
        etag: "ab".repeat(32),
        ..well(tiny())
    });
    let error = get(&run, &fake, &mut |_, _| true).unwrap_err();
    assert!(
        error.message.en.contains("is not the expected one"),
        "{error}"
    );
    assert_eq!(fs::read_dir(run.home.models()).unwrap().count(), 0);
}

#[test]
fn a_part_that_fits_no_longer_is_fetched_anew() {
    let (run, bytes) = (run(), tiny());
    let fake = serve(well(bytes.clone()));
    let etag = hex(&Sha256::digest(&bytes));
    let blobs = run
        .home
        .models()
        .join(".partial-tiny/models--Firm--Tiny-GGUF/blobs");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(blobs.join(format!("{etag}.part")), vec![7; bytes.len() + 9]).unwrap();
    get(&run, &fake, &mut |_, _| true).unwrap();
    let installed = run.home.models().join("tiny/tiny.gguf");
    assert_eq!(fs::read(installed).unwrap(), bytes);
}

#[test]
fn refusals_say_what_to_do() {
    for (code, words) in [
        (404, "is not on"),
        (403, "does not let"),
        (418, "error 418"),
    ] {
        let run = run();
        let fake = serve(Manner {
            refuse: Some(code),
            ..Manner::default()
        });
        let error = get(&run, &fake, &mut |_, _| true).unwrap_err();
        assert!(error.message.en.contains(words), "{error}");
    }
    let run = run();
    let nobody = Fake {
        hub: Hub::parse("http://127.0.0.1:1").unwrap(),
        ranges: Arc::default(),
    };
    let error = get(&run, &nobody, &mut |_, _| true).unwrap_err();
    assert!(
        error
            .message
            .en
            .contains("http://127.0.0.1:1 cannot be reached"),
        "{error}"
    );
    assert_eq!(fs::read_dir(run.home.models()).unwrap().count(), 0);
}

#[test]
fn addresses_of_hubs() {
    assert_eq!(Hub::parse("  ").unwrap(), Hub::default());
    assert_eq!(Hub::parse("default").unwrap(), Hub::default());
    let hub = Hub::parse("https://mirror.firm.example/hub/").unwrap();
    assert_eq!(hub.address(), Some("https://mirror.firm.example/hub"));
    for wrong in [
        "mirror",
        "ftp://a.b",
        "https://user:word@a.b",
        "https://",
        "https://a.b?x=1",
    ] {
        assert!(Hub::parse(wrong).is_err(), "{wrong}");
    }
}
