//! Surnames, the characters of given names, and the words that look like names.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// How surely a surname is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surname {
    /// Of the hundred that most people bear.
    Usual,
    /// Of the others, and usual ones that begin some words: 高, 金.
    Rare,
    /// One that begins common words as well: 应当, 时间, 方式.
    Wordy,
    /// One that joins words far more often: 和, 向.
    Joining,
    /// Of two characters.
    Compound,
}

/// The surname that some words begin with, and its bytes.
pub(super) fn surname(words: &str) -> Option<(Surname, usize)> {
    static SINGLE: LazyLock<HashMap<char, Surname>> = LazyLock::new(|| {
        let of = |words: &'static str, kind: Surname| words.chars().map(move |c| (c, kind));
        of(RARE, Surname::Rare)
            .chain(of(USUAL, Surname::Usual))
            .chain(of(WORDY, Surname::Wordy))
            .chain(of(JOINING, Surname::Joining))
            .collect()
    });
    static COMPOUNDS: LazyLock<HashMap<char, Vec<&str>>> = LazyLock::new(|| {
        let mut all: HashMap<char, Vec<&str>> = HashMap::new();
        for name in COMPOUND.split_whitespace() {
            all.entry(name.chars().next().unwrap_or(' '))
                .or_default()
                .push(name);
        }
        all
    });
    let first = words.chars().next()?;
    if let Some(all) = COMPOUNDS.get(&first)
        && let Some(name) = all.iter().find(|name| words.starts_with(**name))
    {
        return Some((Surname::Compound, name.len()));
    }
    SINGLE.get(&first).map(|kind| (*kind, first.len_utf8()))
}

/// Whether what stands behind a surname is a word of contracts and no given name: 于公共, 方同意.
pub(super) fn joins_word(kind: Surname, given: &str) -> bool {
    static ALL: LazyLock<HashSet<&str>> = LazyLock::new(|| JOINED.split_whitespace().collect());
    match kind {
        Surname::Compound => false,
        Surname::Usual => ALL.contains(given),
        _ => ALL.contains(given) || is_word(given),
    }
}

/// Whether a character is usual in given names.
pub(super) fn is_given(c: char) -> bool {
    static ALL: LazyLock<HashSet<char>> = LazyLock::new(|| GIVEN.chars().collect());
    ALL.contains(&c)
}

/// Whether a character is in no given name: it joins words, or it is one of contracts.
pub(super) fn is_never(c: char) -> bool {
    static ALL: LazyLock<HashSet<char>> = LazyLock::new(|| NEVER.chars().collect());
    ALL.contains(&c)
}

/// Whether a character writes the sounds of names from other tongues: 阿依古丽·买买提.
pub(super) fn is_sound(c: char) -> bool {
    static ALL: LazyLock<HashSet<char>> = LazyLock::new(|| SOUNDS.chars().collect());
    ALL.contains(&c)
}

/// Whether a string that could be a name is a word, or begins with one.
pub(super) fn is_word(words: &str) -> bool {
    static ALL: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split_whitespace().collect());
    let two = words
        .char_indices()
        .nth(2)
        .map_or(words, |(end, _)| &words[..end]);
    ALL.contains(two) || ALL.contains(words)
}

/// The hundred most usual surnames, by the counts that the Ministry of Public Security publishes.
const USUAL: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭林罗郑梁谢宋唐韩邓冯曹彭肖田董潘袁蔡蒋杜叶魏苏吕丁沈姚卢傅钟姜崔谭廖汪陆戴贾韦夏\
    邱侯邹熊孟秦白江阎薛尹雷龙黎陶贺毛郝顾龚邵覃武钱洪";

/// Surnames of the Hundred Family Surnames and further ones that people bear today.
const RARE: &str = "褚卫尤施孔华戚喻柏窦云葛奚郎鲁昌苗凤俞柳廉岑倪汤滕殷毕邬乐皮卞齐康伍卜穆萧祁狄米贝臧茅庞纪舒屈祝阮蓝闵席季麻娄童\
    颜梅盛林刁骆樊凌霍虞柯莫宗宣贲郁杭包诸左吉钮嵇邢滑裴荣翁荀羊惠甄曲封芮储靳汲邴糜巫乌焦巴弓牧隗郗仰秋仲伊宫宁仇栾\
    暴甘钭厉戎祖符景詹幸司韶郜蓟薄蒲邰鄂索咸籍赖卓蔺屠蒙池乔阴胥苍闻莘翟贡逄姬冉宰郦雍璩桑桂濮牛寿扈燕冀郏浦尚温庄\
    晏柴瞿慕茹宦艾鱼古易慎戈庾暨衡耿弘匡寇禄阙欧殳沃蔚越夔隆巩厍聂晁敖融冷訾辛阚那简饶沙鞠丰巢蒯查荆竺逯桓闫佘涂牟尉\
    晋楼敬仝占辜冼丛漆佟戢兰谌岳帅缑亢况琴阳练召仉揭雒隋鄢乜妥苟伏谈游哈稽禹栗寸庆郇敏颉禚绳晃鹿肇付瓮郄高程许段\
    万史石严金曾范何余方安红盖车门危衣强路解章双青花井山谷富房酆鲍湛昝裘缪於羿宓蓬扶勾崇邝蹇邸麴谯笪楚汝兀苑矫綦闪钦\
    冶凃粟麦萨丘甯楮茆朴";

/// Surnames that begin common words of contracts.
const WORDY: &str =
    "应任项管关相全单常平明计水元广利农文连容终别习权益边班通费海满印步束居锁展爱仁宿成党于";

/// Surnames that join words.
const JOINING: &str = "和向从时";

const COMPOUND: &str = "欧阳 上官 司马 诸葛 尉迟 司徒 夏侯 皇甫 令狐 慕容 端木 独孤 南宫 万俟 闻人 公羊 赫连 澹台 宗政 濮阳 \
    公冶 太叔 申屠 单于 淳于 公孙 仲孙 钟离 长孙 宇文 鲜于 司空 闾丘 亓官 司寇 巫马 颛孙 壤驷 漆雕 乐正 宰父 谷梁 拓跋 夹谷 \
    轩辕 段干 百里 呼延 东郭 羊舌 微生 梁丘 左丘 西门 南荣 纳兰 完颜 叶赫 富察 爱新觉罗 钮祜禄 瓜尔佳";

const GIVEN: &str = "伟强磊洋勇军杰涛超明刚平辉鹏飞波斌宇浩凯健俊帆帅旭宁龙林松峰海江山川清河源泉岩坚雷震霆雨云雪霖泽润涵博文武学思哲\
    睿智慧聪颖达志远恒毅诚信义仁礼德厚忠孝良善福寿康安泰和祥瑞吉庆喜乐欢悦荣华富贵昌盛兴旺发财宝银铜铁钢锋利锐光亮晖\
    曦阳晨晓昊天宸霄翔翼腾骏骥驰奔跃进升登高建国民家邦卫保护振东南西北中正大小少长元初始一二三四五子孙儿孟仲季伯叔卿\
    士君王侯侠雄英豪彦秀才娜芳敏静丽艳娟霞玲桂兰凤洁梅琳素莲真环爱妹香月莺媛红娥春菊秋萍燕玉珍珠翠雅芝美彩姗婷姣婉娴\
    瑾露瑶怡婵雁蓓纨仪荷丹蓉眉琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏澜纯毓昭冰爽琬茗羽希欣飘育滢馥筠柔竹霭凝枫芸菲寒伊亚宜\
    可姬舒影荔枝倩妮嘉佳琪琦琅瑛瑜璐璇珊珂珏玥莹莉蕾萱芷若诗语梓轩辰逸铭皓煜烨焕炎灿炜炫烁煌燃熙成立永胜群生水木火土\
    金根柱栓锁石田牛虎马羊鹤鸿鸣凌广占魁顺连世先兆启迪航舟桥路遥知通守有余年柏树森楠桐柳杨杏桃李梨棠栋梁材梧榕杉彬朴\
    朗泓沛沐沁洪浪淳淼渊湛湘溪滨漫潇潮澄瀚灵照煊牧玄率玮理琛琢璋用男畅略白皎盈睦瞻砚硕碧祉祖祝祺禄禾秉程稳穆端笑策简\
    精紫纪纬纲经维绍绪绮缘罡罗翰耀联肖胤腊臣致舜艾花苏苗茂茜茵莎菡萌葵蒙蓝蔓蔚蕴薪虹衍裕襄观言训诺谊谦谨豫贞贤赋赫起\
    越轶辅辽迅运近迎逊造逢遂道邈郁郎采里野鉴钊钦钧钰锦镇镕门闯闻阔际陆陵隆随隽雍霏青靖韬音韶颂风飒馗驭驹骁骋骐鲁鲲鲸\
    鸥麒麟黎黛齐龄业丰丛丞久之乔书仙令仕代任众优会传伦佑何作侃侣依俐修倬倪傲僮克全公共其典冠冬冲决准凡切列创前剑力加\
    务劲励劭勋勤化匀千卉卓协单厉双受古只召史吕呈周品响唐喆喻回圆圣在坤垒城培基堂塔墨声备夏夕央夫头奇奎奕好如妍妙妤姝\
    姿娣婧婴嫣嫒孜宏官定实宣宪宽宾密寅尔尚尤屏展岑岗岭岱峥峻崇嵘嵩巍巧并幸庄庚庭延弘张弛弢彤征律徐循微心忆念怀恋恩恬\
    悠惟惠愉慈懿戈战扬承抒拓捷掌揽支政效敦斐新方施无昀昂昆易昕星映昱显晋晏晟景晴暄暖曙曜曼朋望本权来杭极果柯格桦梵棋\
    棣楚榆模欧殊毕沂沈沙治沣泊泳洛津洲浦浓涌涓淇深淑渝渤湖滔满演滕潜潭激炳烈煦爵牡犀狄献玑玛玟珉珲琨琼瑄璞璟瓒甜电画\
    留疆目直相省矗研磐磬社神祈科秦积稷穗空章竣童笛第筱箐簡米粒粹紘纶纾练绣绢绵綦缨罕翎耘聆肃肇肯能臻自芃芊芙芮苇茹荃\
    莅莞莫菀萃蓁蓬蔷薛蘅虔蜀螢行衡袁觉解誉诠诣谋谧豆象贝赐赞足车载迁逍选邑郡郦配醒重鑫钟铃铎锴镜镭闰闽阁阅阎隐集雯零\
    霁靓非革鞠顾驿魏鹃鹄鹰麦黄鼎龚蛟蝶某慎玫曾芬娅媚娇娃姐姑嫂妞奶仔俭冉冈凇勃勉卜卢厦原另叶司同向吟咪哥哈喃坡垠墉夷\
    奥妃妲娓宠宥尧屹峦崎崔嵋嵇帛帜幽廉彪彭彰徕恺悟惜愫慕憬戎扉抗招拔拥持挺捍援揆擎攀敖旋旗旌昶晗晶曲朔朝杜枚栩桑樱殿\
    毛沄沅沫沺泗泛泠洵浔浚涤涯渠游湧溢漪濂濛濡瀛灏炘炯焱熠燊牟犇玖珈珑珞琎琮瑨璎璨甫申畴盟睫磴稼穹竞笙笃箫篁粲綺縯缇\
    翃翊翌翱耿聿胥舸芯芹苓范茉荟莘葆葛蒨蔺藜藻蘭虞蠡衿裴谷豹贡赓赟跖轲辙迈迦逯郑郜醇钏铖铠锟镛闵阮阿陶隶雒霓靳鞅韦韧\
    颀颉颐飚饶骄骅骊鲍鸢鹊麓黍日开关均情晚嫚祎祯祐禔筝缈翾翯舫荇莜菽蕙薏蝉衎诩谕谚逑郅酉铄闿陌雎霈韫颢飏骧麾";

const NEVER: &str = "依关第受的了是与或及被把将已应当须者方款项条约期限责违签印署盖件号额价费租押税账户付交收购卖销赔债诉讼审判裁\
    院部门局厅委会所司企厂店于并且但即该此各每亦仍而因由对至从给使让除按据另等不未需何谁哪人事物况员位份种\
    类般样些他她它们你我您这那个只又再也就都还很最比较早候间说称写看做拿放打闭记案规围标准序式办提供服务\
    用管资机构市县区乡街村省州";

const SOUNDS: &str = "阿埃艾爱安奥巴白拜班包保鲍贝本比彼边宾波伯勃博不布采蔡查柴昌丹达大戴代德登邓迪底蒂第丁东冬都杜顿多厄恩尔法凡范菲\
    费芬丰弗福夫盖甘高戈哥格根贡古顾瓜圭郭哈海罕汉豪合荷赫黑亨洪侯胡华霍基吉加贾简杰金津京久卡凯坎康考科可克肯孔库昆\
    拉腊莱赖兰朗劳勒雷里李力利丽连莲良列林留柳龙卢鲁路伦罗洛吕马玛迈麦曼芒茂梅门蒙孟米密明缪摩莫默姆穆木拿娜纳乃奈南\
    内尼妮年涅宁纽农努诺欧帕派潘庞佩彭皮匹平婆珀浦普奇齐契恰乔切琴青琼屈让热仁日荣茹儒萨赛桑瑟森沙莎山珊尚邵绍舍申圣\
    施什史舒斯丝司思松苏素孙索塔台泰坦汤唐陶特腾提廷通图土托瓦万汪旺威韦维魏温文沃乌吾伍西希锡喜夏显香肖谢辛欣兴雄休\
    许逊雅亚延扬耶叶伊依易英雍尤宰赞泽曾扎詹张珍芝治仲朱卓兹孜子宗祖佐坚江买吐亥艳再肉嘎才央次旦增其那云敖";

/// Words that begin as surnames do and stand where names stand.
const WORDS: &str = "国家 安全 严重 权利 全国 许可 公安 农业 公民 居民 符合 通知 文化 公共 包括 卫生 农民 能源 黄河 \
    有效 严格 海洋 林业 施工 公路 储存 高级 查封 宣传 种子 包装 水土 任免 管道 信息 明知 暴力 公众 \
    宣告 程序 解决 荣誉 查阅 同一 查询 文明 通信 林地 林木 江河 任职 宗教 召集 纪律 高效 占有 陈述 \
    任命 明显 晋升 陆地 武器 康复 妥善 操作 弘扬 管护 全民 居留 沙化 满足 廉洁 召回 宣誓 和平 封存 \
    肖像 广泛 查明 易燃 红树 水文 毕业 纪念 华侨 宣读 简化 顾问 洪水 封锁 卫星 高中 解密 童工 孙子 \
    古建 高水 武力 施加 封育 陆源 终生 焦化 揭发 白银 游客 敬业 金沙 乔木 高龄 高年 高岭 牧业 查清 \
    林草 陆上 陈列 简易 江海 融入 沙漠 石漠 石油 方可 付清 经国 全社 融资 党中 终身 贡献 周边 武装 \
    宣布 索取 晋级 包庇 宗旨 麻醉 涂改 丰富 宣扬 暴发 高度 查找 应有 包裹 高原 费率 景观 林带 林场 \
    任意 林网 牧民 牟利 季度 高耗 游戏 任教 陆生 施教 史料 简单 洪涝 康乐 幸福 古树 储能 易回 黄磷 \
    高温 苗木 皮革 游泳 洪泛 易溶 封建 黄土 高残 江西 江苏 母婴 封识 古石 古壁 雷电 金银 纪年 林长 \
    曲艺 暴雨 冷却 储运 严惩 寿险 流域 连续 连带 广告 广东 广西 广州 云南 宁波 宁夏 安徽 安装 安排 \
    安置 安保 时间 时效 时期 时限 单位 单独 单方 单价 项目 项下 管理 管辖 关于 关系 关联 关键 相关 \
    相应 相对 相互 全部 全面 全额 全体 全资 经济 经营 经理 经过 经验 常规 常用 常年 平均 平等 平方 \
    平台 成立 成本 成果 成交 成员 计算 计划 计价 计量 明确 明细 万元 水平 水电 水费 元素 农村 文件 \
    文字 文本 文书 连同 容积 终止 终结 别墅 习惯 师范 查验 红线 红利 益处 居住 居间 边界 班级 车辆 \
    车位 车间 高等 高于 高额 高管 高速 高档 高层 金额 金融 金钱 金属 石材 石膏 程度 段落 严密 余额 \
    余款 曾经 解除 解释 解散 解约 解答 章程 章节 史上 路线 路面 强制 强化 强烈 种类 过错 过程 危险 \
    危害 门窗 门店 门诊 门市 方式 方案 方法 方面 方便 应当 应收 应付 应急 应用 应对 任何 任务 任期 \
    官方 宫廷 商品 家具 家庭 家用 家长 温度 温馨 曲线 游览 房屋 房产 房租 房东 房间 房款 花费 花园 \
    花草 井盖 谷物 爱好 爱护 展示 展览 展期 展开 锁定 印刷 印花 印章 宿舍 山林 左右 伏笔 白天 白色 \
    蓝色 黄金 黄色 纪要 雷击 雷同 阳台 阳光 连接 简称 简介 简历 简要 易于 易货 盛大 支持 支付 乐器 \
    乐队 党员 党政 利益 利息 利润 利率 利用 利害 巩固 司法 司机 司仪 养老 养护 丰收 后续 后果 巢湖 \
    须知 须经 辅助 鲜花 鲜活 温州 苏州 徐州 郑州 江北 江南 江宁 江阴 吴江 昆山 金华 金山 金牛 莫名 \
    莫非 强调 强行 和解 和谐 和约 和睦 向外 向内 从事 从业 从而 从属 于是 别人 权属 权威 权证 甘肃 \
    贵州 秦皇 麻烦 储备 储户 储蓄 查实 查处 查看 查收 查勘 殷实 祝贺 祖国 祖父 祖母 符号 景区 景点 \
    詹姆 司令 咸阳 籍贯 赖以 卓越 蒙受 池塘 双方 双倍 双边 双休 通过 通常 通讯 通行 通告 通用 通道 \
    通畅 通胀 尚未 尚有 尚需 尚欠 农历 农户 习题 容量 容易 容器 古代 古典 慎重 耿直 满意 满期 满额 \
    匡算 寄送 巫师 牧场 盖章 盖有 沙发 沙石 桂林 桂花 牛奶 牛肉 边远 浦东 连锁 宁愿 荣获 游玩 权重 \
    师傅 师生 荆州 柴油 鱼塘 井下 仰视 仲裁 宰杀 羊肉 武汉 武术 薄弱 印度 印尼 印鉴 宿迁 索赔 索引 \
    贝壳 岳阳 海关 海南 海外 海运 海鲜 海上 戚属 练习 涂料 涂层 楼层 楼房 楼盘 楼宇 楼道 桥梁 路桥 \
    况且 阳性 冷藏 冷链 冷冻 那么 那些 查核 关税 关停 关押 关门 关心 关注 关爱 关怀 红包 红酒 权能 \
    常住 常见 常务 常委 常态 于此 平安 平米 平面 平时 平行 平日 平稳 季节 季末 成功 成熟 成品 成套 \
    成年 成长 成为 成就 明示 明文 计提 计入 计息 计费 计件 计时 水果 水库 水泥 水产 水利 水路 水上 \
    水位 水表 水管 水源 水泵 水质 水面 万一 万分 万吨 文艺 文献 文档 文物 文章 文员 连环 时代 时装 \
    时候 时速 时长 时段 时刻 安宁 安静 安居 安心 安检 安抚 任选 任一 项链 单据 单元 单车 单身 单证 \
    单项 单笔 单次 单日 单面 单体 相似 相反 相当 相同 相符 相邻 相抵 相信 相片 全程 全天 全年 全权 \
    全套 全线 全职 全责 全新 全文 全局 全市 全省 全球 全军 全员 全日 房价 房号 房型 房地 房源 房客 \
    车主 车库 车险 车号 车票 车牌 车型 车身 车船 车道 高新 高标 高质 高端 高校 高考 高铁 高价 高危 \
    高峰 高压 高空 石灰 石子 石料 程式 方圆 方形 方针 方向 方位 方才 余下 余地 余留 余量 余数 许多 \
    许诺 严正 严肃 严禁 严守 曾用 解冻 解聘 解雇 解体 解封 解读 解说 解放 解码 何时 何种 何处 何况 \
    何谓 范围 范本 范例 范畴 海域 海警 海岛 海水 海草 海相 海峡 强迫 青苗 安葬 高风 江保 寿保 步实 \
    青少 红柱 红新 石棉 安山 蓝石 印发 印有 富强 束缚 居家 居委 门锁 青年 青春 花岗 谷类 锁具 展品 \
    爱心 房贷 房管 房改 危房 衣物 路径 路段 路况 双月 双向 双重 步骤 步行 满月 召开 矫治 扶养 林权 \
    崇尚 强登 扶持 闪长 付定 党委 党组 党的 党章 党支 党内 党派 党纪 党校 党费 党建 党风 党群 党外 \
    党总 朴素 朴实 高素 治理 鉴定 伦理 公开 易腐 路政 甘草 曾任 辞任 曾作 尚可 曾在 曾因 房子 车子 \
    周岁 钱没 钱吗 山东 石家 吉林 那里 应承 万余 范学 房和 钱不 钱还 钱的 车的 解救 勾结 母乳 母姓 \
    仲字 高黎 水污 应知 江流 钱能 于承 施行 强令 水行 行政";

/// Further words that stand behind what joins: 和经济, 于公共.
const JOINED: &str = "中央 经济 保护 中国 维护 财产 外国 旅游 表决 实际 国有 家庭 创新 作业 群众 生效 烈士 子女 学生 政治 \
    电信 发生 选民 接受 遗产 国旗 大陆 特殊 生产 来源 协商 同意 造成 作出 股东 电子 导游 河道 教育 中介 创作 图文 运输 航行 船舶 \
    食品 旅客 集体 毒品 国际 世界 全国 社会 大众 本地 当地 当日 次日 同日 先前 长期 短期 年底 年初 月底 月初 前述 上述 下列 \
    公司 银行 政府 法院 原告 被告 乙方 甲方 客户 买方 卖方 家属 亲属 儿童 婴儿 空中 地面 天津 上海 北京 海外 境外 境内 \
    工程 施工 设计 材料 科学 技术 市场 企业 行业 产业 商业 商务 商品 产品 货物 质量 数量 进度 进展 进行 进入 开始 完成 \
    成本 利润 收入 支出 现金 存款 贷款 资产 股权 股份 权益 声誉 名誉 形象 秘密 隐私 生命 身体 人身 自然 环境 气候 协议 重大 达成 有正 大陆 实施 书面 口头 共同 分别 多次 专利 名单 污染 流域 以外 同年 态度 证书 组成 工作 一船 有权 有效 知道 直接 本身 自己 需要 可能 具有 所有 基本 行政 依照 依法 依约 依据 公职 有利 支持 有关 决定 基金 之日 定金";
