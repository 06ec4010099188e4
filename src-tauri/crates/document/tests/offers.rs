//! What is offered as a field, read as a lawyer reads it.

use moqi_document::{
    Control, FieldKind, Suggestion, Template, Why, suggest, suggest_with, templated,
};

/// Each offer as `+ name: what stands there`; `+` where it is ticked, `-` where it is not.
fn lines(all: &[Suggestion]) -> Vec<String> {
    all.iter()
        .map(|s| {
            let tick = if s.sure { '+' } else { '-' };
            let times = match s.places.len() {
                1 => String::new(),
                n => format!(" x{n}"),
            };
            format!("{tick} {}: {}{times}", s.name, s.found)
        })
        .collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(lines(&suggest(text)), expected, "{text}");
}

#[test]
fn a_chinese_sale_of_goods() {
    check(
        concat!(
            "# 购销合同\n\n合同编号：HT-2026-0831　　签订地点：上海市浦东新区\n\n",
            "甲 方：上海样例机械制造有限公司（以下简称甲方）\n乙 方：苏州样例贸易有限公司（以下简称乙方）\n\n",
            "根据《中华人民共和国民法典》（自2021年1月1日起施行）第五百九十五条，双方达成如下协议：\n\n",
            "## 第二条 价款\n\n1. 本合同总金额为人民币叁拾捌万元整（￥380,000.00）。\n",
            "1. 甲方支付合同总价的30%作为预付款，即人民币114,000元；验收合格后10日内支付60%，即228,000元。\n",
            "1. 乙方开户银行：样例银行苏州园区支行，账号：1102 0203 0920 0123 456，户名：苏州样例贸易有限公司。\n\n",
            "## 第三条 交货\n\n乙方应于2026年10月15日前送至甲方，收货人：王小明，电话：021-58880000。逾期一日按0.5‰支付违约金，累计不超过5%。\n\n",
            "附件《技术协议》（2026年8月20日版）是本合同的一部分。上海样例机械制造有限公司浦东分公司不是当事人。\n\n",
            "甲方（盖章）：上海样例机械制造有限公司　　乙方（盖章）：苏州样例贸易有限公司\n\n法定代表人：李建国　　法定代表人：赵敏\n\n日期：2026年8月31日　　日期：2026年8月31日\n",
        ),
        &[
            "+ contract_number: HT-2026-0831",
            "+ party_a: 上海样例机械制造有限公司 x2",
            "+ party_b: 苏州样例贸易有限公司 x3",
            "+ total_price: 叁拾捌万元整 x2",
            "+ advance_payment: 114,000",
            "- price: 228,000",
            "+ party_b_bank: 样例银行苏州园区支行",
            "+ party_b_account: 1102 0203 0920 0123 456",
            "- delivery_date: 2026年10月15日",
            "+ consignee: 王小明",
            "+ phone: 021-58880000",
            "+ party_a_legal_representative: 李建国",
            "+ legal_representative: 赵敏",
            "+ date: 2026年8月31日 x2",
        ],
    );
}

#[test]
fn a_loan_between_persons() {
    check(
        concat!(
            "出借人：张伟，身份证号：310101198001011234，住　址：上海市黄浦区样例路100号\n\n",
            "借款人：李娜，身份证号：320501199002022345\n\n",
            "一、借款金额：人民币（大写）伍拾万元整（小写：¥500,000元）。\n\n",
            "二、借款期限：自2026年9月1日起至2027年8月31日止。\n\n",
            "三、年利率为12%，汇入出借人账户：6222021200012345678（开户行：样例银行上海分行）。\n\n",
            "四、张伟与李娜之间其他借款与本合同无关，张伟涛不是当事人。\n\n",
            "五、依照最高人民法院2020年8月20日发布的规定。\n",
        ),
        &[
            "+ lender: 张伟 x2",
            "+ lender_id_number: 310101198001011234",
            "+ lender_address: 上海市黄浦区样例路100号",
            "+ borrower: 李娜 x2",
            "+ borrower_id_number: 320501199002022345",
            "+ loan_amount: 伍拾万元整 x2",
            "+ start_date: 2026年9月1日",
            "+ end_date: 2027年8月31日",
            "+ annual_rate: 12",
            "+ lender_account: 6222021200012345678",
            "+ lender_bank: 样例银行上海分行",
        ],
    );
}

#[test]
fn an_english_services_agreement() {
    check(
        concat!(
            "This Agreement is entered into as of March 15, 2026 (the “**Effective Date**”), by and between **Sample Analytics, Inc.**, a Delaware corporation with its principal place of business at 500 Market Street, San Francisco, CA 94105 (“**Provider**”), and **Harlow & Sample LLP**, a partnership (“**Client**”).\n\n",
            "## Fees\n\nClient pays a fixed fee of $125,000 (the “Project Fee”) in two installments of $62,500. Overdue sums bear interest at 1.5% per month. Section 3.2 applies for 30 days.\n\n",
            "## Term\n\nThis Agreement continues for an initial term of 24 months. “Control” means more than 50% of the votes.\n\n",
            "## Law\n\nThe Sample Secrets Act of 2016 (effective May 11, 2016), Regulation (EU) 2016/679 of 27 April 2016 and a fine of $5,000 do not change. Employees who earn less than $70,000 are exempt. The Client may not assign.\n\n",
            "## Notices\n\nHarlow & Sample LLP, Attention: Rebecca Stone, Email: legal@sample.example\n\n",
            "PROVIDER: Sample Analytics, Inc.\n\nBy: ______________\n\nName: Jonathan Reed\n\nDate: March 15, 2026\n",
        ),
        &[
            "+ effective_date: March 15, 2026",
            "+ provider: Sample Analytics, Inc. x2",
            "+ provider_principal_place_business: 500 Market Street, San Francisco, CA 94105",
            "+ client: Harlow & Sample LLP x2",
            "+ project_fee: 125,000",
            "- fees: 62,500",
            "+ interest_rate: 1.5",
            "+ term: 24 months",
            "+ client_attention: Rebecca Stone",
            "+ client_email: legal@sample.example",
            "+ by: ______________",
            "+ name: Jonathan Reed",
            "+ date: March 15, 2026",
        ],
    );
}

#[test]
fn a_form_with_blanks() {
    check(
        concat!(
            "甲方（出租人）：____\n\n法定代表人：____\n\n住　　所：____\n\n联系电话：____\n\n",
            "乙方（承租人）：____\n\n身份证号码：____\n\n住所：____\n\n合同编号：____\n\n",
            "## 租金\n\n租赁期限为____个月，自____年__月__日起，月租金为人民币____元。地址：____\n\n",
            "| 甲方（盖章）：____ | 乙方（盖章）：____ |\n| --- | --- |\n| 法定代表人：____ | 法定代表人：____ |\n| 日期：____年__月__日 | 日期：____年__月__日 |\n",
        ),
        &[
            "+ party_a: ____",
            "+ party_a_legal_representative: ____",
            "+ party_a_address: ____",
            "+ party_a_phone: ____",
            "+ party_b: ____",
            "+ party_b_id_number: ____",
            "+ party_b_address: ____",
            "+ contract_number: ____",
            "+ lease_term: ____",
            "+ start_date: ____年__月__日",
            "+ monthly_rent: ____",
            "+ address: ____",
            "+ party_a_2: ____",
            "+ party_b_2: ____",
            "+ party_a_legal_representative_2: ____",
            "+ party_b_legal_representative: ____",
            "+ date: ____年__月__日",
            "+ date_2: ____年__月__日",
        ],
    );
}

#[test]
fn amounts_in_figures_and_characters_are_one_field() {
    let text = "合同总价为人民币1,200,000元（大写：人民币壹佰贰拾万圆整）。\n";
    let all = suggest(text);
    assert_eq!(
        (all.len(), all[0].why, all[0].places.len()),
        (1, Why::Amount, 2)
    );
    assert!(templated(text, &all).contains(
        "人民币{{total_price | replace('.00', '')}}元（大写：人民币{{total_price | rmb_upper | replace('元', '圆')}}）"
    ));
}

#[test]
fn a_day_called_two_things_is_two_fields() {
    check(
        "签订日期：2026年12月1日\n\n交付日期：2026年12月1日\n\n甲方于2026年12月1日通知乙方。\n",
        &[
            "+ signing_date: 2026年12月1日 x2",
            "+ delivery_date: 2026年12月1日",
        ],
    );
}

#[test]
fn the_cell_to_the_left_names_a_value() {
    check(
        "| 甲方 | 上海样例机械制造有限公司 |\n| --- | --- |\n| 联系电话 | 021-58880000 |\n| 交付日期 | 2026年12月1日 |\n| 价款 | 【】 |\n",
        &[
            "+ party_a: 上海样例机械制造有限公司",
            "+ party_a_phone: 021-58880000",
            "+ delivery_date: 2026年12月1日",
            "+ price: 【】",
        ],
    );
    // A table of more columns has heads, and none of its words is a name for the next.
    check(
        // A label that is merged over the column between names its value all the same.
        "| 甲方 | < | 上海样例机械制造有限公司 |\n| --- | --- | --- |\n| 交付 | 地点 | 上海市 |\n| ^ | 日期 | 2026年12月1日 |\n| 价款 | < | 【】 |\n",
        &[
            "+ party_a: 上海样例机械制造有限公司",
            "+ date: 2026年12月1日",
            "+ price: 【】",
        ],
    );
    check(
        "| 名称 | 规格型号 | 数量 |\n| --- | --- | --- |\n| 样例机床 | CK6140 | 2 |\n",
        &[],
    );
}

#[test]
fn content_controls_are_offered_with_what_is_in_them() {
    let text = "Dated Click to enter\n\nBy Acme Ltd, for the sum of £10.00.\n\n| City | Leeds |\n| --- | --- |\n\nBy Acme Ltd\n";
    let control =
        |line, label: Option<&str>, words: &str, kind: Option<FieldKind>, placeholder| Control {
            line,
            label: label.map(str::to_owned),
            words: words.to_owned(),
            kind,
            placeholder,
        };
    let controls = [
        control(
            1,
            Some("Signing date"),
            "Click to enter",
            Some(FieldKind::Date),
            true,
        ),
        control(3, Some("Buyer"), "Acme Ltd", None, false),
        control(5, None, "Leeds", None, false),
        control(8, Some("Buyer"), "Acme Ltd", None, false),
        control(3, Some("Gone"), "not there", None, false),
    ];
    let all = suggest_with(text, &controls);
    assert_eq!(
        lines(&all),
        [
            "+ signing_date: Click to enter",
            "+ buyer: Acme Ltd x2",
            "- amount: 10.00",
            "+ city: Leeds"
        ]
    );
    let control = |s: &Suggestion| s.why == Why::Control;
    assert_eq!(
        all.iter().map(control).collect::<Vec<_>>(),
        [true, true, false, true]
    );
    assert_eq!((&all[0].kind, &all[0].sample), (&FieldKind::Date, &None));
    assert_eq!(all[1].kind, FieldKind::Party);
    let template = templated(text, &all);
    assert_eq!(Template::parse(&template).problems, []);
    assert!(
        template.contains("Dated {{signing_date}}\n\nBy {{buyer}}, for"),
        "{template}"
    );
}
