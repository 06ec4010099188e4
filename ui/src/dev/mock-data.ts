// A Chinese sale contract and an English confidentiality agreement, for development without the program.
import type { AnswerView, ClauseCard, FieldView, ModelView, Node, TemplateCard } from '../ipc';
import { f, h, it, p, q, r, s, title, type Inline } from './mock-write';

export const saleNodes = (): Node[] => [
  title('设备买卖合同'),
  p('出卖人（甲方）：', f('seller.name'), '，统一社会信用代码 ', f('seller.id_number'), '，住所 ', f('seller.address'), '（以下简称', s('“甲方”'), '）'),
  p('买受人（乙方）：', f('buyer.name'), '，统一社会信用代码 ', f('buyer.id_number'), '，住所 ', f('buyer.address'), '（以下简称', s('“乙方”'), '）'),
  p('甲乙双方根据《中华人民共和国民法典》及有关法律规定，在平等、自愿的基础上，就设备买卖事宜订立本合同。'),
  h(1, '标的与数量', 'goods'),
  it(0, '甲方向乙方出售数控机床 ', f('quantity'), ' 台（以下简称', s('“设备”'), '），型号、规格及技术参数见', r('spec'), '。'),
  it(0, '设备应为全新、未经使用的产品，并附随全部技术资料、合格证明及随机工具。'),
  { type: 'table', content: [
    { type: 'table_row', content: ['名称', '型号', '数量', '单价（元）'].map((text) => ({ type: 'table_header', attrs: { align: null, colspan: 1, rowspan: 1 }, content: [{ type: 'text', text }] })) },
    { type: 'table_row', content: ['立式加工中心', 'VMC-850', '8', '100,000.00'].map((text, i) => ({ type: 'table_cell', attrs: { align: i > 1 ? 'right' : null, colspan: 1, rowspan: 1 }, content: [{ type: 'text', text }] })) },
    { type: 'table_row', content: ['数控车床', 'CK-6150', '4', '100,000.00'].map((text, i) => ({ type: 'table_cell', attrs: { align: i > 1 ? 'right' : null, colspan: 1, rowspan: 1 }, content: [{ type: 'text', text }] })) },
  ] },
  h(1, '价款与支付', 'price'),
  it(0, '合同总价为人民币 ', f('price'), ' 元（大写：壹佰贰拾万零元整），已含增值税、包装及运输费用。'),
  it(0, '乙方应于本合同签订之日起 ', f('deposit_days'), ' 日内向甲方支付定金人民币 300,000.00 元，余款按', r('delivery'), '约定的交付进度支付：'),
  it(1, '设备运抵交付地点并经初步验收后 ', f('term'), '内，支付至合同总价的百分之八十；'),
  it(1, '设备最终验收合格后十五日内，支付至合同总价的百分之九十五；'),
  it(1, '其余百分之五作为质量保证金，于质量保证期届满后十日内付清。'),
  it(0, '乙方逾期付款的，每日按应付款项的千分之五向甲方支付违约金。'),
  h(1, '交付与风险', 'delivery'),
  it(0, '甲方应于 ', f('delivery_date'), ' 前将设备运抵', f('place'), '，并通知乙方接收。'),
  it(0, '设备毁损、灭失的风险自交付时起由乙方承担，但法律另有规定的除外。'),
  h(1, '检验', 'inspection'),
  it(0, '乙方应当在收到设备后及时检验。设备的数量、型号或者质量不符合约定的，乙方应当以书面形式通知甲方。'),
  h(1, '违约责任', 'breach'),
  it(0, '甲方逾期交付设备的，每逾期一日，应按逾期交付设备价款的万分之五向乙方支付违约金，但累计不超过合同总价的百分之五。'),
  it(0, '任何一方违反', r('secret'), '约定的，应当赔偿对方因此受到的损失。'),
  h(1, '争议解决', 'dispute'),
  it(0, '因本合同引起的或与本合同有关的争议，双方应协商解决；协商不成的，提交', f('court'), '人民法院诉讼解决。'),
  q('起草提示：双方住所地不同的，可以约定由与争议有实际联系地点的人民法院管辖。'),
  { type: 'signature', content: [
    ['甲方（盖章）：', '法定代表人（签字）：', '签署日期：'],
    ['乙方（盖章）：', '法定代表人（签字）：', '签署日期：'],
  ].map((lines, i) => ({ type: 'signature_party', content: lines.map((text, l) => ({ type: 'signature_line', content: l === 0 ? [{ type: 'text', text } as Inline, f(i ? 'buyer.name' : 'seller.name')] : [{ type: 'text', text }] })) })) },
  { type: 'page_break' },
  { type: 'heading', attrs: { level: 1, style: 'schedule', id: 'spec' }, content: [{ type: 'text', text: '设备规格与技术参数' }] },
  it(0, '主轴转速：不低于每分钟 8000 转。'),
  it(0, '定位精度：不低于 0.005 毫米。'),
];

export const ndaNodes = (): Node[] => [
  title('Confidentiality Agreement'),
  p('This Agreement is dated ', f('date'), '.'),
  { type: 'heading', attrs: { level: 1, style: 'parties', id: null }, content: [{ type: 'text', text: 'Parties' }] },
  it(0, f('discloser.name'), ', a company whose registered office is at ', f('discloser.address'), ' (the ', s('“Discloser”'), '); and'),
  it(0, f('recipient.name'), ', a company whose registered office is at ', f('recipient.address'), ' (the ', s('“Recipient”'), ').'),
  h(1, 'Confidential Information', 'info'),
  it(0, 'In this Agreement, ', s('“Confidential Information”'), ' means all information, in any form, that the Discloser discloses to the Recipient for the purpose of ', f('purpose'), ', and that is marked confidential or would reasonably be understood to be so.'),
  it(0, 'Confidential Information does not include information that:'),
  it(1, 'is or becomes public other than through a breach of this Agreement;'),
  it(1, 'was lawfully known to the Recipient before it was disclosed; or'),
  it(1, 'is developed by the Recipient independently of it.'),
  h(1, 'Undertakings', 'undertakings'),
  it(0, 'The Recipient shall keep the Confidential Information secret and shall use it only for the purpose stated in clause ', r('info'), '.'),
  it(0, 'The Recipient may disclose Confidential Information to those of its employees and advisers who need to know it and who are bound by obligations no less strict than those in clause ', r('undertakings'), '.'),
  h(1, 'Term', 'term'),
  it(0, 'This Agreement continues for ', f('term'), ' from its date. Clause ', r('undertakings'), ' continues for 2 years after it ends.'),
  h(1, 'Governing law', 'law'),
  it(0, 'This Agreement is governed by the law of England and Wales.'),
  { type: 'signature', content: [['Signed for the Discloser', 'By: ', 'Name: ', 'Title: '], ['Signed for the Recipient', 'By: ', 'Name: ', 'Title: ']].map((lines) => ({ type: 'signature_party', content: lines.map((text) => ({ type: 'signature_line', content: [{ type: 'text', text }] })) })) },
];

const base = { required: true, help: null, group: null, default: null, sample: null, options: [], fields: [], currency: null, asked: true, structural: false } satisfies Partial<FieldView>;
const field = (name: string, label: string, type: FieldView['type'], more: Partial<FieldView> = {}): FieldView => ({ ...base, name, label, type, ...more });
const parts = (zh: boolean): FieldView[] =>
  ([['name', '名称', 'Name'], ['id_number', '统一社会信用代码', 'Registration number'], ['address', '住所', 'Address'], ['representative', '法定代表人', 'Representative'], ['contact', '联系人', 'Contact'], ['phone', '电话', 'Phone'], ['email', '电子邮箱', 'Email'], ['bank', '开户银行', 'Bank'], ['account', '账号', 'Account']] as const).map(([name, a, b]) => field(name, zh ? a : b, 'text', { required: name === 'name' }));

export const saleFields: FieldView[] = [
  field('seller', '出卖人', 'party', { group: '当事人', fields: parts(true), sample: { name: '华东精密机械有限公司', id_number: '91310000MA1FL0A15C', address: '上海市浦东新区张江路 88 号', representative: '王建国' } }),
  field('buyer', '买受人', 'party', { group: '当事人', fields: parts(true), sample: { name: '苏州恒信科技有限公司', id_number: '91320594MA1XK2F73D', address: '苏州工业园区星湖街 328 号', representative: '李敏' } }),
  field('quantity', '数量（台）', 'number', { group: '标的与价款', sample: '12' }),
  field('price', '合同总价', 'money', { group: '标的与价款', currency: 'CNY', help: '含税总价。', sample: '1200000.00' }),
  field('has_deposit', '是否约定定金', 'yes_no', { group: '标的与价款', default: false, sample: true, structural: true }),
  field('deposit', '定金', 'money', { group: '标的与价款', currency: 'CNY', asked: false, help: '不得超过主合同标的额的百分之二十。', sample: '200000.00' }),
  field('deposit_days', '定金支付期限（日）', 'number', { group: '标的与价款', sample: '10' }),
  field('goods', '标的物明细', 'repeat', { group: '标的与价款', required: false, structural: true, fields: [field('name', '名称', 'text'), field('model', '型号', 'text'), field('qty', '数量', 'number')], sample: [{ name: '立式加工中心', model: 'VMC-850', qty: '8' }, { name: '数控车床', model: 'CK-6150', qty: '4' }] }),
  field('delivery_date', '交付日期', 'date', { group: '履行', sample: '2026-12-31' }),
  field('place', '交付地点', 'text', { group: '履行', sample: '苏州工业园区' }),
  field('term', '付款期限', 'period', { group: '履行', sample: '30 days' }),
  field('court', '管辖法院', 'choice', { group: '争议解决', options: [{ value: 'a', label: '甲方所在地' }, { value: 'b', label: '乙方所在地' }], sample: 'b' }),
  field('remarks', '其他约定', 'long_text', { group: '争议解决', required: false }),
];

export const ndaFields: FieldView[] = [
  field('discloser', 'Discloser', 'party', { group: 'Parties', fields: parts(false), sample: { name: 'Northgate Instruments Ltd', address: '14 Mill Lane, Cambridge CB2 1RX' } }),
  field('recipient', 'Recipient', 'party', { group: 'Parties', fields: parts(false), sample: { name: 'Harwood & Vale LLP', address: '3 Old Court, London EC2V 7HH' } }),
  field('date', 'Date', 'date', { group: 'Terms', sample: '2026-11-23' }),
  field('purpose', 'Purpose', 'text', { group: 'Terms', sample: 'evaluating a possible joint venture' }),
  field('term', 'Term', 'period', { group: 'Terms', sample: '24 months' }),
];

export const sample = (fields: FieldView[]): Record<string, AnswerView> => Object.fromEntries(fields.filter((entry) => entry.sample !== null).map((entry) => [entry.name, entry.sample as AnswerView]));

export const templateCards = (): TemplateCard[] => [
  { id: 'own-sale', title: '华东项目设备买卖（自用）', kind: 'sale', language: 'zh', summary: '由“设备买卖合同（华东项目）”制作，含所有权保留与分期付款。', own: true },
  { id: 'zh-sale', title: '设备买卖合同', kind: 'sale', language: 'zh', summary: '设备买卖的完整文本：标的、价款、交付与风险、检验、质量保证、违约责任。', own: false },
  { id: 'zh-sale-simple', title: '买卖合同（简式）', kind: 'sale', language: 'zh', summary: '一页以内的简式买卖合同，适合小额、即时结清的交易。', own: false },
  { id: 'zh-lease', title: '房屋租赁合同', kind: 'lease', language: 'zh', summary: '住宅或商铺租赁，含押金、维修、转租与解除。', own: false },
  { id: 'zh-loan', title: '借款合同', kind: 'loan', language: 'zh', summary: '企业或自然人之间的借款，含利率、担保与提前还款。', own: false },
  { id: 'zh-employment', title: '劳动合同', kind: 'employment', language: 'zh', summary: '固定期限或无固定期限劳动合同，可选保密与竞业限制。', own: false },
  { id: 'zh-complaint', title: '民事起诉状', kind: 'complaint', language: 'zh', summary: '合同纠纷起诉状：当事人、诉讼请求、事实与理由、证据目录。', own: false },
  { id: 'en-nda', title: 'Confidentiality agreement', kind: 'nda', language: 'en', summary: 'One-way or mutual, with permitted disclosure, return of materials and a fixed term.', own: false },
  { id: 'en-services', title: 'Services agreement', kind: 'services', language: 'en', summary: 'Master terms with statements of work, acceptance, fees and liability.', own: false },
];

const clause = (id: string, title: string, topic: string, excerpt: string, more: Partial<ClauseCard> = {}): ClauseCard => ({ id, title, topic, language: 'zh', kinds: ['sale'], side: 'neutral', side_label: '中立', length: 'standard', tags: [], notes: [], basis: [], excerpt, own: false, ...more });
export const clauseCards = (): ClauseCard[] => [
  clause('retention', '所有权保留', '所有权保留', '买受人付清全部价款之前，标的物的所有权仍归出卖人所有……', { side: 'party_a', side_label: '利于卖方', basis: ['民法典 641', '民法典 642'], tags: ['所有权', '担保'], notes: ['未经登记，不得对抗善意第三人。'] }),
  clause('retention-short', '所有权保留（简）', '所有权保留', '价款付清前，标的物所有权归出卖人……', { length: 'short', side: 'party_a', side_label: '利于卖方', basis: ['民法典 641'] }),
  clause('instalment', '分期付款与加速到期', '付款', '买受人未支付到期价款的数额达到全部价款的五分之一……', { basis: ['民法典 634'] }),
  clause('inspection', '检验期限与异议', '检验', '买受人应当在收到标的物之日起十五日内检验，并将不符合约定的情形书面通知出卖人……', { basis: ['民法典 620', '民法典 621'], side: 'party_a', side_label: '利于卖方' }),
  clause('inspection-long', '检验、试运行与最终验收', '检验', '设备安装完成后，双方共同进行不少于七十二小时的连续试运行……', { basis: ['民法典 620'], length: 'long', side: 'party_b', side_label: '利于买方' }),
  clause('late', '逾期付款违约金', '违约责任', '买受人逾期付款的，每逾期一日，应按逾期未付金额的万分之五向出卖人支付违约金……', { basis: ['民法典 585'], tags: ['违约金'] }),
  clause('force', '不可抗力', '不可抗力', '因不可抗力不能履行合同的，根据不可抗力的影响，部分或者全部免除责任……', { kinds: ['any'], basis: ['民法典 590'] }),
  clause('own-secret', '保密（本所）', '保密', '双方对因签订和履行本合同而知悉的对方商业秘密负有保密义务……', { kinds: ['any'], own: true, basis: ['民法典 501'] }),
  clause('en-return', 'Return of materials', 'Return', 'On request the Recipient shall return or destroy all Confidential Information within 14 days…', { language: 'en', kinds: ['nda'], side: 'party_a', side_label: 'For the discloser' }),
  clause('en-residual', 'Residuals', 'Residuals', 'Nothing in this Agreement restricts the use of information retained in unaided memory…', { language: 'en', kinds: ['nda'], side: 'party_b', side_label: 'For the recipient' }),
];

export const modelViews = (): ModelView[] => [
  { id: 'qwen3-1.7b', name: 'Qwen3 1.7B', languages: ['zh', 'en'], licence: 'Apache-2.0', size: 1_282_439_264, memory: 2_400_000_000, installed: true, chosen: true, fetchable: true, about: false, partial: 0, recommended: ['zh'], terms: null, note: null },
  { id: 'qwen3-4b', name: 'Qwen3 4B', languages: ['zh', 'en'], licence: 'Apache-2.0', size: 2_497_280_256, memory: 4_300_000_000, installed: false, chosen: false, fetchable: true, about: false, partial: 0, recommended: ['zh'], terms: null, note: null },
  { id: 'qwen3-8b', name: 'Qwen3 8B', languages: ['zh', 'en'], licence: 'Apache-2.0', size: 5_027_783_488, memory: 7_600_000_000, installed: false, chosen: false, fetchable: false, about: false, partial: 0, recommended: [], terms: null, note: '本机内存可能不足。' },
];
