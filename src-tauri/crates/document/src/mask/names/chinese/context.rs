//! What stands beside the names of Chinese persons: labels, roles and verbs before them; titles and verbs behind them.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::suggest::{is_han, last_chars};

/// The weight of the words before a name: 4 behind a label with a colon, 3 behind a role or a verb that appoints, 2 behind
/// 由 and the like, 1 behind a sign or a word that joins, 0 within other words.
pub(super) fn left(before: &str) -> i32 {
    let near = last_chars(before, 24);
    let text = near.trim_end_matches(['_', '*', ' ', '\u{3000}', '\u{a0}']);
    let Some(last) = text.chars().next_back() else {
        return 1;
    };
    if matches!(last, '：' | ':') {
        let label = without_note(text.trim_end_matches(['：', ':']).trim_end());
        return if is_label(label) { 4 } else { 1 };
    }
    if text.len() < near.len() && !is_role(text) {
        return 1;
    }
    if !is_han(last) {
        // 法定代表人（负责人）张三
        let role = matches!(last, '）' | ')') && is_role(without_note(text));
        return if role { 3 } else { 1 };
    }
    if is_role(text) {
        return 3;
    }
    let before_copula = text.strip_suffix(['为', '是', '系', '即']);
    if before_copula.is_some_and(is_role) {
        return 3;
    }
    match last {
        '由' => 2,
        c if JOINS.contains(c) => 1,
        _ => i32::from(ends_with(text, &LOOSE)),
    }
}

/// The weight of the words behind a name: 3 for a title or what a card says, 2 for what persons do, 1 for a sign or a word
/// that joins, 0 for other words.
pub(super) fn right(after: &str) -> i32 {
    let Some(first) = after.chars().next() else {
        return 1;
    };
    if begins_with(after, &TITLES) || begins_with(after, &CARDS) {
        return 3;
    }
    if !is_han(first) {
        return i32::from(!first.is_alphanumeric() && first != '·');
    }
    if begins_with(after, &DEEDS) {
        return 2;
    }
    i32::from(is_small(first))
}

/// Whether a character behind a name begins other words: 应, 的, 将.
pub(super) fn is_small(c: char) -> bool {
    SMALL.contains(c)
}

/// Whether words end with who somebody is.
pub(super) fn is_role(text: &str) -> bool {
    if ends_with(text, &ROLES) {
        return true;
    }
    let mut back = text.chars().rev();
    let (last, before) = (back.next().unwrap_or(' '), back.next().unwrap_or(' '));
    is_han(before)
        && match last {
            '员' | '师' | '者' => true,
            '人' => !"个他法何每".contains(before),
            '长' => "班组处厂院校局市部科队行事会站所村镇乡县区店船社团".contains(before),
            _ => false,
        }
}

fn is_label(text: &str) -> bool {
    is_role(text) || ends_with(text, &LABELS)
}

/// Words without what stands in parentheses at their end: 甲方（签章）.
fn without_note(text: &str) -> &str {
    let Some(open) = text.strip_suffix(['）', ')']) else {
        return text;
    };
    open.rfind(['（', '('])
        .map_or(text, |at| open[..at].trim_end())
}

/// Words of two to four characters, asked by the ends and the beginnings of others.
struct Words {
    all: HashSet<&'static str>,
}

impl Words {
    fn of(words: &'static str) -> Words {
        Words {
            all: words.split_whitespace().collect(),
        }
    }
}

fn ends_with(text: &str, words: &LazyLock<Words>) -> bool {
    let mut starts = text.char_indices().rev().take(5);
    starts.any(|(at, _)| words.all.contains(&text[at..]))
}

fn begins_with(text: &str, words: &LazyLock<Words>) -> bool {
    let mut ends = text.char_indices().take(5);
    ends.any(|(at, c)| words.all.contains(&text[..at + c.len_utf8()]))
}

/// Characters that join a name to what is before it.
const JOINS: &str = "的与和及或向对给经随代因欠将以请为是系即归同让被从替找称叫名让借受若陪帮";

/// Characters that begin what follows a name.
const SMALL: &str = "的与和及或应须可不在于从自到向对将以因就则又也系是为由经拟曾现即所处之均等已未仅按同依转退付欠借还交收购买卖租住送提任签代出享承履负占认辞拒愿委授起申主请随归得持取居称要能会需必名先当若如于与并且给把被让仅却又而";

static ROLES: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "原告 被告 董事 监事 股东 经理 总监 代表 律师 法官 助理 导演 编剧 主任 保姆 护工 配偶 丈夫 妻子 父亲 母亲 \
         长子 次子 三子 幼子 儿子 女儿 长女 次女 之子 之女 之父 之母 之妻 之夫 胞弟 胞兄 胞姐 胞妹 弟弟 哥哥 姐姐 妹妹 \
         兄弟 姐妹 父母 子女 祖父 祖母 外祖父 外祖母 岳父 岳母 公公 婆婆 儿媳 女婿 婚生子 婚生女 养子 养女 继子 继女 \
         教授 医生 医师 护士 秘书 会计 出纳 司机 书记 主席 专家 顾问 同志 学生 教练 总裁 总工 电工 焊工 木工 工长 技工 \
         合伙人 指定 委托 授权 指派 委派 任命 选举 选派 聘任 聘用 聘请 推举 推选 推荐 免去 罢免 雇佣 雇请 委任 改选 选任 \
         解聘 男子 女子 老人 少年 一子 一女 二子 二女 其子 其女 其妻 其夫 其父 其母 其弟 其兄 其姐 其妹 由其 男方 女方 高管 工程师 老板 房东 业主 \
         店员 签字 签名 自然人 法定代表人 姓名 客户 患者 作者 歌手 演员 艺人 模特 主播 摄影 制片 监制 经纪 中介 \
         案外人 第三人 协议人 项目经理 创始人 村民 居民 公民 家属 亲属 债主 好友 同事 室友 邻居 男友 女友 前妻 前夫 \
         因与 实习生 研究生 博士后 本名 原名 曾用名 又名 艺名 笔名 化名 表弟 表哥 表兄 表姐 表妹 堂弟 堂哥 堂兄 堂姐 堂妹 侄子 侄女 \
         外甥 外甥女 叔叔 伯父 伯母 舅舅 舅妈 姑姑 姨妈 嫂子 弟媳 孙子 孙女 外孙 外孙女 战友 同学 老乡 师傅 徒弟",
    )
});

/// What a label of a person ends with, beside roles.
static LABELS: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "姓名 名称 签字 签名 签章 盖章 签署 户名 甲方 乙方 丙方 丁方 戊方 出租方 承租方 转让方 受让方 委托方 受托方 \
         出借方 借款方 卖方 买方 男方 女方 披露方 接收方 发包方 承包方 供方 需方 许可方 被许可方 名字 名单 联系 负责 \
         收件 抄送 经办 审核 复核 制表 批准 编制 校对 记录 主持 见证 监交 移交 接收 代书 执笔 双方 各方 一方 如下 \
         组成 出席 列席 参加 分别为 包括 成员 审判 书记 鉴定 翻译 主编 编剧 导演",
    )
});

/// Words before a name that tell little.
static LOOSE: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "同意 通知 通过 要求 收到 根据 按照 鉴于 关于 其中 包括 分别 以及 并由 证明 确认 起诉 支付 告知 返还 配合 协助 \
         免除 登记在 位于 属于 归属 转让给 交付 通过 依据 期间 如果 案由 收取 发现 声明 认为 主张",
    )
});

static TITLES: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "先生 女士 小姐 太太 同志 老师 律师 教授 医生 法官 夫妇 夫妻 大妈 大爷 大叔 大姐 大哥 阿姨 师傅",
    )
});

static CARDS: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "（身份证 （公民身 （护照 （男 （女 （签 （签字 （签名 （签章 (签字 (签名 (身份证 ，男 ，女 ，身份证 ，公民身 ，汉族 ，满族 ，回族 \
         ，性别 ，出生 （以下 （下称 （代 （手印 （捺印 （盖章",
    )
});

static DEEDS: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "担任 作为 负责 代表 代为 办理 出任 同意 承诺 保证 自愿 确认 签字 签名 签署 签收 出资 认缴 名下 所有 所持 持有 \
         支付 出具 出生 死亡 去世 逝世 辞职 辞去 抚养 继承 之母 之父 之子 之女 之妻 之夫 个人 本人 协助 监督 执行 二人 三人 两人 四人 五人 \
         共同 分别 各自 父亲 母亲 配偶 丈夫 妻子 有权 应当 不得 可以 应于 应向 须于 系其 均系 违反 离职 在职 任职 就职 \
         完成 交付 提供 返还 归还 偿还 借款 欠款 缴纳 领取 接受 接收 收到 知悉 了解 声明 陈述 主张 认为 提出 起诉 诉称 \
         辩称 承担 履行 享有 占有 使用 居住 驾驶 转让 受让 购买 出售 赠与 委托 授权 指定 指派 管理 主持 召集 记录 出席 参加 \
         表决 投票 当选 连任 现任 曾任 兼任 拒绝 放弃 保留 保守 工作 从事 入职 受雇 签订 订立 生活 随其 独立 另行 所欠 所借 等人 等 亲自 亲笔 多次 两次 三次 再次 \
         书面 口头 当场 当面 随后 擅自 主动 酒后 无权 没有 仍未 已经 一直 联系 核对 配合 直接 打伤 殴打 驾车 之间 那里 家中",
    )
});
