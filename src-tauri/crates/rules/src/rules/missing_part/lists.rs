//! The parts that documents of each kind have, and the words that show them.

use crate::finding::{Severity, Words};

/// A part of a document: its name, and the words of which any shows that it is there (lower case).
pub(super) struct Part(
    pub(super) Words,
    pub(super) &'static [&'static str],
    pub(super) Severity,
);

pub(super) const fn part(
    zh: &'static str,
    en: &'static str,
    words: &'static [&'static str],
) -> Part {
    Part(Words { zh, en }, words, Severity::Warning)
}

const fn note(zh: &'static str, en: &'static str, words: &'static [&'static str]) -> Part {
    Part(Words { zh, en }, words, Severity::Note)
}

const BREACH: Part = part(
    "违约责任",
    "liability for breach",
    &["违约", "赔偿", "承担责任", "法律责任"],
);
const DISPUTES: Part = part(
    "争议解决方法",
    "how disputes are settled",
    &["争议", "纠纷", "仲裁", "法院", "诉讼", "管辖"],
);
const TERM: Part = part(
    "履行期限",
    "time of performance",
    &[
        "期限", "日前", "日内", "之日", "期间", "日期", "时间", "天内", "届满",
    ],
);
pub(super) const GENERAL: &[Part] = &[TERM, BREACH, DISPUTES];

pub(super) const SALE: &[Part] = &[
    part(
        "标的物名称",
        "what is sold",
        &[
            "标的", "货物", "产品", "设备", "商品", "物品", "车辆", "房屋", "材料", "名称",
        ],
    ),
    part(
        "数量",
        "quantity",
        &[
            "数量",
            "台",
            "件",
            "套",
            "吨",
            "批",
            "辆",
            "平方米",
            "个",
            "只",
        ],
    ),
    part(
        "质量",
        "quality",
        &[
            "质量", "品质", "规格", "标准", "型号", "合格", "瑕疵", "成色",
        ],
    ),
    part(
        "价款",
        "price",
        &["价款", "总价", "单价", "价格", "货款", "金额", "元"],
    ),
    part(
        "履行期限",
        "time of delivery",
        &[
            "交付", "交货", "期限", "日前", "日内", "供货", "交割", "过户",
        ],
    ),
    part(
        "履行地点和方式",
        "place and manner of delivery",
        &[
            "地点",
            "送货",
            "运至",
            "运输",
            "自提",
            "送达",
            "送至",
            "交货地",
            "收货地址",
            "交付方式",
            "交货方式",
            "过户",
            "现场",
        ],
    ),
    part(
        "检验标准和方法",
        "inspection",
        &["检验", "验收", "查验", "检测", "核对", "清点"],
    ),
    part(
        "结算方式",
        "settlement",
        &["结算", "支付", "付款", "汇", "转账", "现金", "账户"],
    ),
    note("包装方式", "packing", &["包装"]),
    note(
        "合同使用的文字及其效力",
        "language of the contract",
        &["文字", "文本", "一式", "中文", "语言"],
    ),
];
pub(super) const LEASE: &[Part] = &[
    part(
        "租赁物",
        "what is let",
        &[
            "租赁物",
            "房屋",
            "租赁房",
            "设备",
            "车辆",
            "场地",
            "厂房",
            "商铺",
            "坐落",
            "位于",
        ],
    ),
    part(
        "数量或面积",
        "quantity or area",
        &["数量", "面积", "平方米", "台", "套", "间", "辆", "㎡"],
    ),
    part(
        "用途",
        "use",
        &["用途", "用于", "使用性质", "居住", "办公", "经营"],
    ),
    part("租赁期限", "term", &["租赁期", "租期", "期限"]),
    part("租金及其支付期限和方式", "rent and its payment", &["租金"]),
    part(
        "租赁物维修",
        "repair",
        &["维修", "修缮", "修理", "维护", "保养"],
    ),
];
pub(super) const LOAN: &[Part] = &[
    part("币种", "currency", &["人民币", "币种", "元", "美元", "¥"]),
    part("借款用途", "use of the loan", &["用途", "用于"]),
    part("借款数额", "amount", &["金额", "数额", "本金", "元"]),
    part(
        "利率",
        "rate of interest",
        &["利率", "利息", "无息", "年化", "lpr"],
    ),
    part("借款期限", "term", &["期限", "到期", "借期", "还款日"]),
    part(
        "还款方式",
        "repayment",
        &["还款", "偿还", "归还", "清偿", "返还"],
    ),
];
pub(super) const GUARANTEE: &[Part] = &[
    part(
        "被保证的主债权种类、数额",
        "the main debt and its amount",
        &["主债权", "主合同", "债权", "借款", "主债务"],
    ),
    part(
        "债务人履行债务的期限",
        "when the debtor must perform",
        &["履行债务的期限", "履行期限", "借款期限", "期限", "到期"],
    ),
    part(
        "保证的方式",
        "manner of the guarantee",
        &["连带责任", "一般保证", "连带保证", "保证方式"],
    ),
    part(
        "保证的范围",
        "scope of the guarantee",
        &["保证范围", "担保范围", "范围"],
    ),
    part(
        "保证期间",
        "period of the guarantee",
        &["保证期间", "担保期间", "保证期限", "保证责任期间"],
    ),
];
pub(super) const MORTGAGE: &[Part] = &[
    part(
        "被担保债权的种类和数额",
        "the secured debt and its amount",
        &["主债权", "被担保", "债权", "主合同", "借款"],
    ),
    part(
        "债务人履行债务的期限",
        "when the debtor must perform",
        &["期限", "到期", "履行期"],
    ),
    part(
        "担保财产的名称、数量等情况",
        "the property",
        &[
            "抵押物",
            "抵押财产",
            "质物",
            "质押财产",
            "出质",
            "质押物",
            "抵押房",
        ],
    ),
    part(
        "担保的范围",
        "scope of the security",
        &["担保范围", "抵押担保的范围", "质押担保的范围", "范围"],
    ),
];
pub(super) const WORK: &[Part] = &[
    part(
        "承揽的标的和数量",
        "the work and its quantity",
        &["数量", "定作物", "工作成果", "加工", "成果"],
    ),
    part("质量", "quality", &["质量", "标准", "图纸", "要求", "规格"]),
    part("报酬", "pay", &["报酬", "加工费", "费用", "价款", "元"]),
    part(
        "材料的提供",
        "who supplies the material",
        &["材料", "原料", "辅料"],
    ),
    part("验收标准和方法", "acceptance", &["验收", "检验"]),
];
pub(super) const TECHNOLOGY: &[Part] = &[
    part(
        "项目或服务的内容、范围和要求",
        "content and scope of the work",
        &["内容", "范围", "项目", "服务"],
    ),
    part(
        "履行的计划、地点和方式",
        "plan, place and manner",
        &["计划", "进度", "地点", "方式", "期限"],
    ),
    part("技术信息和资料的保密", "confidentiality", &["保密", "秘密"]),
    part(
        "技术成果的归属和收益的分配办法",
        "ownership of results",
        &["成果", "知识产权", "著作权", "专利", "归属"],
    ),
    part(
        "验收标准和方法",
        "acceptance",
        &["验收", "检验", "考核", "评估"],
    ),
    note(
        "名词和术语的解释",
        "definitions",
        &["术语", "定义", "是指", "释义", "以下简称"],
    ),
];
pub(super) const PROPERTY: &[Part] = &[
    part(
        "服务事项和质量",
        "services and their quality",
        &["服务事项", "服务内容", "服务质量", "服务标准"],
    ),
    part(
        "服务费用的标准和收取办法",
        "fees",
        &["服务费", "物业费", "收费"],
    ),
    part(
        "维修资金的使用",
        "use of the repair fund",
        &["维修资金", "维修基金"],
    ),
    part("服务用房的管理和使用", "service rooms", &["用房"]),
    part("服务期限", "term", &["期限"]),
    part("服务交接", "handover", &["交接", "移交", "承接查验"]),
];
pub(super) const EMPLOYMENT: &[Part] = &[
    part(
        "用人单位的住所和法定代表人或者主要负责人",
        "the employer's domicile and representative",
        &["住所", "地址", "法定代表人", "负责人"],
    ),
    part(
        "劳动者的住址和身份证件号码",
        "the worker's address and identity number",
        &["身份证", "证件号", "公民身份"],
    ),
    part("劳动合同期限", "term", &["期限", "无固定期限", "起至"]),
    part(
        "工作内容和工作地点",
        "work and place of work",
        &["工作内容", "岗位", "职务", "职位", "工作地点"],
    ),
    part(
        "工作时间和休息休假",
        "hours and leave",
        &["工作时间", "工时", "休息", "休假"],
    ),
    part("劳动报酬", "pay", &["报酬", "工资", "薪酬", "月薪", "薪资"]),
    part("社会保险", "social insurance", &["社会保险", "社保"]),
    part(
        "劳动保护、劳动条件和职业危害防护",
        "protection at work",
        &["劳动保护", "劳动条件", "职业危害", "安全卫生", "安全生产"],
    ),
];
pub(super) const NDA: &[Part] = &[
    part(
        "保密信息的范围",
        "what is confidential",
        &["保密信息", "商业秘密", "秘密信息"],
    ),
    part(
        "保密义务",
        "duty of confidence",
        &["保密义务", "不得", "保密责任", "予以保密"],
    ),
    part(
        "保密期限",
        "how long it lasts",
        &["期限", "期间", "永久", "有效期", "年内"],
    ),
    BREACH,
    DISPUTES,
];
pub(super) const EQUITY: &[Part] = &[
    part("转让的股权", "the shares", &["股权", "股份", "出资"]),
    part(
        "转让价款及支付",
        "price and payment",
        &["价款", "对价", "转让价", "元"],
    ),
    part(
        "股权变更登记",
        "registration of the change",
        &["变更登记", "股东名册", "工商变更", "登记"],
    ),
];
pub(super) const MANDATE: &[Part] = &[
    part(
        "委托事务",
        "what is entrusted",
        &["委托事项", "委托事务", "委托", "代理"],
    ),
    part("委托权限", "authority", &["权限", "授权", "范围"]),
    part(
        "报酬和费用",
        "fees and costs",
        &["报酬", "费用", "代理费", "无偿", "服务费"],
    ),
];
pub(super) const COMPLAINT: &[Part] = &[
    part(
        "原告的住所",
        "the plaintiff's domicile",
        &["住所", "住址", "地址", "住", "现居"],
    ),
    part(
        "联系方式",
        "how to reach the plaintiff",
        &["联系方式", "电话", "手机", "联系"],
    ),
    part(
        "诉讼请求",
        "what is claimed",
        &["诉讼请求", "请求事项", "请求判令", "诉请"],
    ),
    part(
        "事实与理由",
        "facts and reasons",
        &["事实与理由", "事实和理由", "事实及理由", "事实、理由"],
    ),
    part(
        "证据和证据来源",
        "evidence and its source",
        &["证据", "证人"],
    ),
];
pub(super) const DEFENCE: &[Part] = &[
    part(
        "答辩人的住所",
        "the defendant's domicile",
        &["住所", "住址", "地址", "住", "现居"],
    ),
    part(
        "联系方式",
        "how to reach the defendant",
        &["联系方式", "电话", "手机", "联系"],
    ),
    part(
        "答辩意见",
        "the answer to the claim",
        &["答辩", "不同意", "请求驳回", "事实与理由"],
    ),
];
pub(super) const ENGLISH: &[Part] = &[
    part(
        "适用法律",
        "governing law",
        &["governed by", "governing law", "laws of", "law of"],
    ),
    part(
        "管辖",
        "jurisdiction",
        &[
            "jurisdiction",
            "courts of",
            "courts located",
            "arbitra",
            "venue",
            "tribunal",
            "forum",
            "court",
        ],
    ),
    note(
        "完整协议条款",
        "an entire agreement clause",
        &[
            "entire agreement",
            "whole agreement",
            "entire understanding",
            "supersede",
        ],
    ),
    note(
        "变更须书面",
        "a variation clause",
        &["variation", "amend", "modif", "varied", "waiver"],
    ),
    note("转让条款", "an assignment clause", &["assign", "transfer"]),
    note("通知条款", "a notices clause", &["notice"]),
    note(
        "可分割性条款",
        "a severance clause",
        &["sever", "invalid", "unenforceable"],
    ),
    note(
        "副本条款",
        "a counterparts clause",
        &["counterpart", "electronic signature", "electronically"],
    ),
];

pub(super) const FINANCELEASE: &[Part] = &[
    part(
        "租赁物的名称、数量、规格",
        "the thing, its quantity and make",
        &["租赁物"],
    ),
    part("租赁期限", "term", &["租赁期", "租期", "期限"]),
    part("租金构成及其支付", "rent and its payment", &["租金"]),
    part("检验方法", "inspection", &["检验", "验收"]),
    part(
        "租赁期限届满租赁物的归属",
        "who owns the thing at the end",
        &["归属", "所有权", "留购", "名义货价"],
    ),
];
pub(super) const FACTORING: &[Part] = &[
    part(
        "业务类型",
        "kind of factoring",
        &["有追索权", "无追索权", "业务类型", "保理类型", "追索"],
    ),
    part(
        "服务范围和期限",
        "scope and term",
        &["服务范围", "期限", "额度"],
    ),
    part("基础交易合同和应收账款", "the receivables", &["应收账款"]),
    part(
        "保理融资款或者服务报酬",
        "the finance or the fee",
        &["融资款", "服务费", "报酬", "手续费", "融资"],
    ),
];
pub(super) const CONSTRUCTION: &[Part] = &[
    part(
        "工程范围",
        "scope of the works",
        &["工程范围", "承包范围", "施工范围", "工程内容"],
    ),
    part("建设工期", "time for the works", &["工期", "开工", "竣工"]),
    part("工程质量", "quality", &["质量"]),
    part("工程造价", "price", &["造价", "合同价", "工程款", "价款"]),
    part(
        "材料和设备供应责任",
        "who supplies materials",
        &["材料", "设备"],
    ),
    part(
        "拨款和结算",
        "payment and settlement",
        &["结算", "拨款", "进度款"],
    ),
    part(
        "竣工验收",
        "completion and acceptance",
        &["竣工验收", "验收"],
    ),
    part(
        "质量保修范围和质量保证期",
        "repair and guarantee period",
        &["保修", "质保", "缺陷责任", "质量保证"],
    ),
];
