//! What can go wrong between this program and a server, as sentences: what happened, at which address, what to do.

use std::time::Duration;

use super::{Address, answer};
use crate::error::{Code, Error};

fn failed(zh: String, en: String) -> Error {
    Error::new(Code::Server, zh, en)
}

pub(super) fn unencrypted(address: &Address) -> Error {
    Error::input(
        format!("{address} 不在本机或内网，文字会不加密地发送出去。"),
        format!("{address} is outside this machine and the network of your own; text would travel unencrypted."),
    )
    .hint(
        "请改用 https 地址；确需如此，请在添加地址时勾选允许不加密（命令行：--plain）。",
        "Use an https address; if it must be, allow unencrypted text when you add the address (command line: --plain).",
    )
}

pub(super) fn bad_key() -> Error {
    Error::input(
        "密钥只能由可见的英文字符组成。",
        "A key is made of visible ASCII characters only.",
    )
    .hint(
        "请重新复制密钥，不要带空格或换行。",
        "Copy the key again, without blanks or line ends.",
    )
}

pub(super) fn no_such_model(address: &Address, model: &str, offered: &[String]) -> Error {
    const SHOWN: usize = 10;
    let model = answer::readable(model);
    let list = |between: &str| {
        let names: Vec<String> = offered
            .iter()
            .take(SHOWN)
            .map(|name| answer::readable(name))
            .collect();
        names.join(between) + if offered.len() > SHOWN { " …" } else { "" }
    };
    let made = Error::new(
        Code::NotFound,
        format!("服务器 {address} 没有模型“{model}”。"),
        format!("The server {address} has no model “{model}”."),
    );
    if offered.is_empty() {
        made.hint(
            "服务器上还没有模型。",
            "There is no model on the server yet.",
        )
    } else {
        made.hint(
            format!("它提供：{}。", list("、")),
            format!("It offers: {}.", list(", ")),
        )
    }
}

/// The server answered with a status that is no success. `said` are its own words, `model` what was asked for.
pub(super) fn status(address: &Address, status: u16, said: &str, model: &str) -> Error {
    let (quoted_zh, quoted_en) = if said.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("：“{said}”"), format!(": “{said}”"))
    };
    let code = |zh: &str, en: &str| {
        failed(
            format!("服务器 {address} {zh}（{status}）{quoted_zh}。"),
            format!("The server {address} {en} ({status}){quoted_en}."),
        )
    };
    match status {
        401 | 403 => code("拒绝了访问", "refused access").hint(
            "请在“设置”中重新添加该地址并填写正确的密钥（命令行：moqi models server allow 地址 --key-file 文件）。",
            "Add the address again under Settings with the right key (command line: moqi models server allow ADDRESS --key-file FILE).",
        ),
        404 if !model.is_empty() => code(
            &format!("找不到模型“{}”或对话接口", answer::readable(model)),
            &format!("does not know the model “{}” or has no chat interface", answer::readable(model)),
        )
        .hint(
            "用 moqi models server status 查看它提供的模型，再选择一个。",
            "See what it offers with moqi models server status, and choose one.",
        ),
        404 => code("没有 /v1/models 接口", "has no interface at /v1/models").hint(
            "请确认该地址和端口是兼容 OpenAI 接口的服务器（vLLM、llama.cpp、Ollama）。",
            "Check that a server with OpenAI's interface (vLLM, llama.cpp, Ollama) runs at this address and port.",
        ),
        400 | 413 | 422 => code("不接受这个请求", "did not accept the request").hint(
            "如果文字太长，请缩短后再试；否则请换一个模型。",
            "If the text is too long, shorten it; else choose another model.",
        ),
        429 | 503 => code("正忙", "is busy").hint("请稍后再试。", "Try again later."),
        _ => code("出错了", "failed").hint(
            "请稍后再试，或查看服务器的日志。",
            "Try again later, or look at the log of the server.",
        ),
    }
}

/// The server sends somewhere else; that is never followed.
pub(super) fn redirect(address: &Address, to: &str) -> Error {
    let to = answer::readable(to);
    failed(
        format!("服务器 {address} 要求转到“{to}”，程序没有跟随，也没有向那里发送文字。"),
        format!(
            "The server {address} points to “{to}”; that was not followed, and no text went there."
        ),
    )
    .hint(
        "如果那才是正确的地址，请核对后把它加入允许的服务器。",
        "If that is the right address, check it and add it to the servers you allow.",
    )
}

/// The server reports a failure in the middle of its answer.
pub(super) fn said(address: &Address, said: &str) -> Error {
    failed(
        format!("服务器 {address} 报告错误：“{said}”。"),
        format!("The server {address} reports a failure: “{said}”."),
    )
    .hint(
        "请稍后再试，或查看服务器的日志。",
        "Try again later, or look at the log of the server.",
    )
}

/// The answer is not what the interface promises.
pub(super) fn nonsense(address: &Address) -> Error {
    failed(
        format!("服务器 {address} 的回答不符合 OpenAI 接口的格式。"),
        format!("The answer of the server {address} is not in the form of OpenAI's interface."),
    )
    .hint(
        "请确认该地址和端口是兼容 OpenAI 接口的服务器（vLLM、llama.cpp、Ollama）。",
        "Check that a server with OpenAI's interface (vLLM, llama.cpp, Ollama) runs at this address and port.",
    )
}

/// The answer has no end.
pub(super) fn too_much(address: &Address) -> Error {
    failed(
        format!("服务器 {address} 的回答过长，已断开。"),
        format!("The answer of the server {address} is far too long; the connection was closed."),
    )
    .hint(
        "请换一个模型，或查看服务器的设置。",
        "Choose another model, or look at the settings of the server.",
    )
}

pub(super) fn silent(address: &Address, after: Duration) -> Error {
    let seconds = after.as_secs_f64().round();
    failed(
        format!("服务器 {address} 在 {seconds} 秒内没有任何回应。"),
        format!("The server {address} said nothing for {seconds} seconds."),
    )
    .hint(
        "服务器可能正忙或已停止；请稍后再试。",
        "It may be busy or have stopped; try again later.",
    )
}

pub(super) fn too_slow(address: &Address, after: Duration) -> Error {
    let minutes = (after.as_secs_f64() / 60.0).round();
    failed(
        format!("服务器 {address} 在 {minutes} 分钟内没有写完，已断开。"),
        format!("The server {address} did not finish within {minutes} minutes; the connection was closed."),
    )
    .hint("请换一个较小的模型，或稍后再试。", "Choose a smaller model, or try again later.")
}

pub(super) fn broke_off(address: &Address) -> Error {
    failed(
        format!("服务器 {address} 的回答中断了。"),
        format!("The answer of the server {address} broke off."),
    )
    .hint(
        "请再试一次，或查看服务器的日志。",
        "Try again, or look at the log of the server.",
    )
}

pub(super) fn cannot_score(address: &Address) -> Error {
    Error::input(
        format!("服务器 {address} 没有给出可靠的逐词概率，不能用它评分。"),
        format!("The server {address} gives no sound probability for each token, so it cannot score a text."),
    )
    .hint(
        "请改用本机上的模型，或提供 logprobs 与 echo 的服务器（如 vLLM）。",
        "Use a model on this machine, or a server that offers logprobs with echo, such as vLLM.",
    )
}

/// The connection could not be made, or was lost.
pub(super) fn connection(
    address: &Address,
    error: ureq::Error,
    connect: Duration,
    silence: Duration,
) -> Error {
    use std::io::ErrorKind;
    use ureq::{Error as E, Timeout as T};
    let error = match error {
        E::Io(error) => match error.downcast::<E>() {
            Ok(inner) => inner,
            Err(error) => E::Io(error),
        },
        other => other,
    };
    let seconds = connect.as_secs_f64().round();
    match error {
        E::Other(why) if why.is::<Far>() => unencrypted(address),
        E::HostNotFound => unknown_host(address),
        E::Timeout(T::Resolve | T::Connect) => failed(
            format!("{seconds} 秒内没有连上服务器 {address}。"),
            format!("No connection to the server {address} within {seconds} seconds."),
        )
        .hint(
            "请检查地址、网络，以及服务器是否在运行。",
            "Check the address, the network, and that the server runs.",
        ),
        E::Timeout(_) => silent(address, silence),
        E::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => failed(
                format!("{address} 拒绝连接：那里没有服务器在运行。"),
                format!("{address} refused the connection: no server runs there."),
            )
            .hint(
                "请启动服务器，或检查端口。",
                "Start the server, or check the port.",
            ),
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable => failed(
                format!("无法到达服务器 {address}。"),
                format!("The server {address} cannot be reached."),
            )
            .hint("请检查网络。", "Check the network."),
            ErrorKind::InvalidData if address.encrypted() => certificate(address),
            ErrorKind::TimedOut => silent(address, silence),
            _ => broke_off(address),
        }
        .caused_by(error),
        E::Rustls(_) | E::Tls(_) | E::TlsRequired | E::Pem(_) => certificate(address),
        E::BodyStalled => broke_off(address),
        E::Protocol(_) | E::Http(_) | E::LargeResponseHeader(..) => nonsense(address),
        _ => broke_off(address),
    }
}

fn unknown_host(address: &Address) -> Error {
    failed(
        format!("找不到服务器 {address} 的主机。"),
        format!("The host of the server {address} is not known."),
    )
    .hint(
        "请检查地址的拼写和网络。",
        "Check the spelling of the address, and the network.",
    )
}

fn certificate(address: &Address) -> Error {
    failed(
        format!("与服务器 {address} 的加密连接没有建立：证书不被本机信任，或那里不提供加密。"),
        format!("No encrypted connection to the server {address}: this machine does not trust its certificate, or it offers no encryption."),
    )
    .hint(
        "请把所用证书机构加入系统的信任列表，或检查地址是否应为 http。",
        "Add the firm's certificate authority to those the system trusts, or check whether the address should begin with http.",
    )
}

/// A name was looked up and lies outside one's own network, which unencrypted text may not leave.
#[derive(Debug)]
pub(super) struct Far;

impl std::fmt::Display for Far {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("outside the network")
    }
}

impl std::error::Error for Far {}
