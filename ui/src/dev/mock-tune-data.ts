// What the acted tuning shows.
import type * as I from '../ipc';
import { trainLoss, validLoss } from './mock-tune';

const GB = 1_000_000_000;
const day = 86_400_000;
const hash = (seed: string) => Array.from({ length: 64 }, (_, i) => '0123456789abcdef'[(seed.charCodeAt(i % seed.length) * (i + 7)) % 16]).join('');

const TITLES = ['设备买卖合同（华东项目）.docx', '钢材采购框架合同.docx', '房屋租赁合同（静安寺店）.docx', '技术服务合同（恒信）.docx', '货物运输合同.docx', '委托加工合同.docx', '股权转让协议（甲版）.docx', '保密协议（双向）.docx', '借款合同（企业间）.docx', '工程分包合同.docx'];
const side = (i: number): I.SideName => (i % 8 === 6 ? 'test' : i % 8 === 3 ? 'check' : 'learn');

export function planView(lang: I.Lang, tight: boolean, steps: number): I.TunePlan {
  const zh = lang === 'zh';
  const sources = Array.from({ length: 38 }, (_, i) => ({ name: i < TITLES.length ? TITLES[i]! : `firm-${String(i + 1).padStart(2, '0')}.docx`, language: i % 9 === 7 ? 'en' : 'zh', side: side(i), clauses: 14 + ((i * 7) % 23), examples: 11 + ((i * 5) % 19), masked: 6 + ((i * 11) % 31) }) satisfies I.TuneSource);
  return {
    sources,
    left_out: [
      { name: '扫描件 2019-03.pdf', why: zh ? '是扫描图像，读不出文字。' : 'It is a scan: there is no text to read.' },
      { name: '签署页.docx', why: zh ? '没有条款，只有签字栏。' : 'It holds no clause, only a signature block.' },
    ],
    others: 12, duplicates: 3, clauses: 846, examples: [612, 74, 81], tokens: 214_380,
    masked: [{ kind: 'organisation', count: 412 }, { kind: 'person', count: 96 }, { kind: 'amount', count: 318 }, { kind: 'address', count: 74 }, { kind: 'registration', count: 61 }, { kind: 'account', count: 38 }, { kind: 'phone', count: 29 }, { kind: 'id_number', count: 7 }],
    shown: [
      { document: TITLES[0]!, kind: 'organisation', words: '华东精密机械有限公司', placeholder: '【单位甲】', count: 14 },
      { document: TITLES[0]!, kind: 'registration', words: '91310000MA1FL0A15C', placeholder: '【统一社会信用代码】', count: 2 },
      { document: TITLES[0]!, kind: 'amount', words: '1,200,000.00', placeholder: '【金额】', count: 3 },
      { document: TITLES[3]!, kind: 'person', words: '王建国', placeholder: '【姓名】', count: 2 },
      { document: TITLES[3]!, kind: 'phone', words: '021-6888 0000', placeholder: '【电话】', count: 1 },
      { document: TITLES[8]!, kind: 'account', words: '6222 0210 0112 3456 789', placeholder: '【账号】', count: 1 },
    ],
    steps, seconds: steps * 3.4 + 210, memory: 2.3 * GB, memory_free: tight ? 1.6 * GB : 6.4 * GB,
  };
}

const BEFORE: I.FiguresView = { perplexity: 31.4, agreement: 0.412, preference: 0.38, rouge_l: 0.287, chrf: 0.314 };
const AFTER: I.FiguresView = { perplexity: 9.86, agreement: 0.634, preference: 0.87, rouge_l: 0.468, chrf: 0.497 };

const leaks = (lang: I.Lang, sound: boolean): I.LeaksView => ({
  sound, tested: 148, exposure: sound ? 1.7 : 14.2,
  sentence: sound
    ? lang === 'zh' ? '试探了遮去的内容和事先埋入的暗记，都没有套出来。' : 'Masked values and planted markers were asked for in many ways; none came out.'
    : lang === 'zh' ? '用合同开头去试，能套出一处账号。此文风不会提供给任何人。' : 'Given the beginning of a contract it tells an account number. This style is offered to nobody.',
});

export function resultView(lang: I.Lang, adapter: string, leaking: boolean, steps: number, seconds: number): I.TuneResult {
  const zh = lang === 'zh';
  return {
    adapter, steps, seconds, early: steps > 100, before: BEFORE, after: AFTER,
    sentences: zh
      ? ['它对本所写法的意外程度降到原来的三分之一：困惑度由 31.4 降到 9.9。', '并列比较 81 条，它在 70 条中更认同本所的写法；学习之前是 31 条。', '它起草的条款与本所的更接近，也比直接照抄最相近的一条更接近。']
      : ['It is a third as surprised by your wording as it was: perplexity fell from 31.4 to 9.9.', 'Of 81 clauses it prefers the firm’s wording in 70; before it was 31.', 'Its drafts are closer to your clauses than before, and closer than copying the nearest clause it learnt.'],
    samples: zh
      ? [
          { document: TITLES[6]!, heading: '违约责任', wanted: '甲方逾期交付的，每逾期一日，应当按逾期交付部分价款的万分之五向乙方支付违约金；逾期超过三十日的，乙方有权解除合同。', before: '如果甲方没有按照约定时间交货，甲方需要承担相应的违约责任，并赔偿乙方因此受到的全部损失。', after: '甲方逾期交付的，每逾期一日，应当按逾期交付部分价款的万分之五向乙方支付违约金；逾期超过十五日的，乙方有权书面通知解除合同。' },
          { document: 'firm-15.docx', heading: '检验', wanted: '乙方应当在收到货物之日起十五日内检验。货物不符合约定的，乙方应当在检验期限内以书面形式通知甲方。', before: '乙方收货后应当及时验收，有问题的话请联系甲方处理。', after: '乙方应当在收到货物之日起十日内检验。货物不符合约定的，乙方应当在检验期限内以书面形式通知甲方，并附检验记录。' },
          { document: 'firm-23.docx', heading: '争议解决', wanted: '因本合同引起的或者与本合同有关的争议，双方应当协商解决；协商不成的，任何一方可以向乙方住所地人民法院起诉。', before: '双方发生争议时应友好协商，协商不成的提交仲裁委员会仲裁。', after: '因本合同引起的或者与本合同有关的争议，双方应当协商解决；协商不成的，任何一方可以向甲方住所地人民法院起诉。' },
        ]
      : [
          { document: 'firm-07.docx', heading: 'Confidentiality', wanted: 'The Recipient shall keep the Confidential Information secret and shall not use it for any purpose other than the Purpose.', before: 'Both parties agree that they will keep information confidential and not share it with anyone.', after: 'The Recipient shall keep the Confidential Information secret and shall not disclose it for any purpose other than the Purpose.' },
          { document: 'firm-15.docx', heading: 'Term and termination', wanted: 'Either Party may terminate this Agreement by giving the other not less than thirty days’ written notice.', before: 'This agreement can be terminated at any time by either side.', after: 'Either Party may terminate this Agreement by giving the other not less than sixty days’ written notice.' },
          { document: 'firm-23.docx', heading: 'Governing law', wanted: 'This Agreement is governed by the law of England and Wales, and the Parties submit to the exclusive jurisdiction of its courts.', before: 'This agreement shall be governed by the laws of the State of New York.', after: 'This Agreement is governed by the law of England and Wales, and the Parties submit to the jurisdiction of its courts.' },
        ],
    leaks: leaks(lang, !leaking), state: leaking ? 'leaking' : 'candidate',
  };
}

const sources = (from: number, to: number): I.AdapterSource[] => Array.from({ length: to - from }, (_, k) => k + from).map((i) => ({ title: TITLES[i % TITLES.length]!, hash: hash(`${TITLES[i % TITLES.length]}`), side: side(i), examples: 9 + ((i * 5) % 17) }));
const NONE: I.FiguresView = { perplexity: null, agreement: null, preference: null, rouge_l: null, chrf: null };

export const adapterViews = (): I.AdapterView[] => [
  { id: 'a1', name: '本所买卖合同', model: 'qwen3-1.7b', model_name: 'Qwen3 1.7B', installed: true, language: 'zh', created_at: Date.now() - 2 * day, bytes: 21_400_000, wall: { kind: 'firm' }, state: 'kept', used: true, sources: sources(0, 10), before: BEFORE, after: AFTER, leaks: leaks('zh', true), run: 'r1', parents: [] },
  { id: 'a2', name: '恒信科技 · 技术服务', model: 'qwen3-1.7b', model_name: 'Qwen3 1.7B', installed: true, language: 'zh', created_at: Date.now() - 9 * day, bytes: 21_400_000, wall: { kind: 'client', name: '苏州恒信科技有限公司' }, state: 'kept', used: false, sources: sources(2, 8), before: { ...BEFORE, perplexity: 28.9 }, after: { ...AFTER, perplexity: 12.3, preference: 0.79, chrf: null }, leaks: leaks('zh', true), run: 'r2', parents: ['a1'] },
  { id: 'a3', name: 'English agreements', model: 'gemma-3-270m', model_name: 'Gemma 3 270M', installed: false, language: 'en', created_at: Date.now() - 30 * day, bytes: 9_800_000, wall: { kind: 'group', name: '跨境交易组' }, state: 'candidate', used: false, sources: sources(5, 9), before: { ...NONE, perplexity: 41.2 }, after: { ...NONE, perplexity: 17.5 }, leaks: null, run: null, parents: [] },
  { id: 'a4', name: '旧档案（未遮名）', model: 'qwen3-1.7b', model_name: 'Qwen3 1.7B', installed: true, language: 'zh', created_at: Date.now() - 41 * day, bytes: 21_400_000, wall: { kind: 'matter', client: '华东精密机械有限公司', name: '张江厂房租赁' }, state: 'leaking', used: false, sources: sources(0, 4), before: BEFORE, after: { ...AFTER, perplexity: 6.1 }, leaks: leaks('zh', false), run: 'r4', parents: [] },
];

const run = (id: string, name: string, status: I.RunStatusName, age: number, more: Partial<I.RunView> = {}): I.RunView => ({ id, name, status, created_at: Date.now() - age, ended_at: Date.now() - age + 900_000, model: 'Qwen3 1.7B', adapter: null, steps: 200, steps_wanted: 200, seconds: 712, peak: 2.2 * GB, machine: 'AMD Ryzen 7 5800H, 16 GB, AVX2', before: BEFORE, after: AFTER, error: null, resumable: false, ...more });

export const houseClauseViews = (lang: I.Lang): I.HouseClauseView[] => {
  const texts: [string, string][] = lang === 'zh'
    ? [['交付', '卖方应当于【日期1】前将货物运至【地址1】，运费由卖方负担。'], ['价款', '总价款为人民币【金额1】元，买方应当于验收合格之日起七日内付清。'], ['联系人', '卖方的联系人为李思远，电话【电话1】。']]
    : [['Delivery', 'The Seller delivers the goods to [Address 1] by [Date 1] and bears the carriage.'], ['Price', 'The price is [Amount 1]. The Buyer pays it within seven days of acceptance.'], ['Contacts', 'The Seller is reached through Jane Smith, [Phone 1].']];
  return TITLES.slice(0, 4).flatMap((document, d) => texts.map(([heading, text], i) => ({ number: d * texts.length + i + 1, hash: hash(document), document, heading, text, excluded: false })));
};

export const runViews = (): I.RunView[] => [
  run('r1', '本所买卖合同', 'done', 2 * day, { adapter: 'a1', steps: 164 }),
  run('r5', '劳动合同与保密', 'interrupted', 3 * day, { steps: 80, after: NONE, resumable: true, seconds: 290 }),
  run('r2', '恒信科技 · 技术服务', 'done', 9 * day, { adapter: 'a2', after: { ...AFTER, perplexity: 12.3 } }),
  run('r3', '全部旧合同', 'failed', 12 * day, { steps: 0, seconds: 0, before: NONE, after: NONE, error: '内存不够：需要 9.1 GB，可用 5.8 GB。请改用 Qwen3 1.7B。' }),
  run('r6', '试验', 'cancelled', 20 * day, { steps: 31, seconds: 110, after: NONE }),
  run('r4', '旧档案（未遮名）', 'done', 41 * day, { adapter: 'a4', steps: 600, steps_wanted: 600, seconds: 2140, after: { ...AFTER, perplexity: 6.1 } }),
];

export function runDetail(one: I.RunView, lang: I.Lang): I.RunDetail {
  const steps = Array.from({ length: one.steps }, (_, i) => i + 1);
  return {
    run: one,
    train: steps.map((step) => ({ step, loss: trainLoss(step) })),
    valid: steps.filter((step) => step % 10 === 0).map((step) => ({ step, loss: validLoss(step) })),
    settings: [['method', 'lora'], ['rank', '8'], ['alpha', '16.0'], ['begun_from', 'null'], ['learning_rate', '0.001'], ['epochs', '1.0'], ['batch_tokens', '1024'], ['search', '[{"rank":8,"learning_rate":0.001,"steps":8,"loss":2.104},{"rank":8,"learning_rate":0.0003,"steps":8,"loss":2.317},{"rank":16,"learning_rate":0.001,"steps":4,"loss":null}]'], ['seed', '0']],
    sources: [...sources(0, 9).map((source) => ({ ...source, reason: null })), { title: '扫描件 2019-03.pdf', hash: hash('scan'), side: null, examples: 0, reason: lang === 'zh' ? '是扫描图像，读不出文字。' : 'It is a scan: there is no text to read.' }],
    result: one.status === 'done' ? { ...resultView(lang, one.adapter ?? '', one.id === 'r4', one.steps, one.seconds), state: one.id === 'r4' ? 'leaking' : 'kept' } : null,
  };
}

export const wallViews = (): I.WallView[] => [
  { kind: 'client', name: '苏州恒信科技有限公司' }, { kind: 'client', name: '华东精密机械有限公司' }, { kind: 'matter', client: '华东精密机械有限公司', name: '张江厂房租赁' }, { kind: 'matter', client: '苏州恒信科技有限公司', name: '2026 年设备采购' }, { kind: 'group', name: '跨境交易组' }, { kind: 'group', name: '公司业务组' },
];
