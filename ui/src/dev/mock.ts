// Stands in for the program when the window's code runs in a plain browser. Never part of the shipped bundle.
import type { Backend } from '../api';
import type * as I from '../ipc';
import { clauseCards, modelViews, ndaFields, ndaNodes, sample, saleFields, saleNodes, templateCards } from './mock-data';
import { derive, findings, textOf, type MockDocument } from './mock-derive';
import { mockTuning } from './mock-tune';
import { h, it, p, title } from './mock-write';

type Args = Record<string, never>;
type Listen = (event: unknown) => void;
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

export function mock(): Backend {
  let lang: I.Lang = new URLSearchParams(location.search).get('lang') === 'en' ? 'en' : 'zh';
  const settings: Record<string, string> = { export_folder: '/home/lawyer/文稿/Moqi' };
  let templates = templateCards();
  let clauses = clauseCards();
  let models = new URLSearchParams(location.search).has('nomodel') ? modelViews().map((model) => ({ ...model, installed: false, chosen: false })) : modelViews();
  let server: I.ServerView = { used: null, allowed: [] };
  let count = 3;
  const cancelled = new Set<number>();
  let job = 0;
  const texts = new Map<string, string>();
  const day = 86_400_000;
  const docs = new Map<string, MockDocument>();
  const add = (id: string, name: string, kind: string | null, language: I.Lang, nodes: I.Node[], fields: I.FieldView[], age: number): MockDocument => {
    const doc: MockDocument = { id, title: name, kind, language, nodes, fields, answers: sample(fields), seq: 1, updated: Date.now() - age, deleted: false, ignored: new Map() };
    docs.set(id, doc);
    return doc;
  };
  const sale = add('d1', '设备买卖合同（华东项目）', 'sale', 'zh', saleNodes(), saleFields, 60_000);
  delete sale.answers.place;
  add('d2', 'Confidentiality Agreement', 'nda', 'en', ndaNodes(), ndaFields, 2 * day);
  add('d3', '房屋租赁合同（静安寺店）', 'lease', 'zh', [title('房屋租赁合同'), h(1, '租赁物'), it(0, '甲方将位于静安区的房屋出租给乙方。')], [], 9 * day);
  const big = Number(new URLSearchParams(location.search).get('blocks') ?? 0);
  if (big) add('big', '长文书', 'sale', 'zh', longNodes(big), saleFields, 0);
  const versions: (I.VersionCard & { doc: string; nodes: I.Node[] })[] = [
    { doc: 'd1', id: 'v3', created_at: Date.now() - 3 * 3_600_000, label: '发送对方稿', reason: 'named', words: 842, nodes: saleNodes() },
    { doc: 'd1', id: 'v2', created_at: Date.now() - 5 * 3_600_000, label: null, reason: 'export', words: 821, nodes: saleNodes().slice(0, 20) },
    { doc: 'd1', id: 'v1', created_at: Date.now() - day, label: null, reason: 'autosave', words: 640, nodes: saleNodes().slice(0, 14) },
  ];

  const get = (id: string): MockDocument => {
    const doc = docs.get(id);
    if (!doc) throw { code: 'not_found', message: '没有这份文书。', hint: null } satisfies I.Failure;
    return doc;
  };
  const card = (doc: MockDocument): I.DocumentCard => ({ id: doc.id, title: doc.title, kind: doc.kind, language: doc.language, updated_at: doc.updated, deleted: doc.deleted });
  const view = (doc: MockDocument): I.DocumentView => ({ card: card(doc), nodes: structuredClone(doc.nodes), fields: asked(doc.fields, doc.answers), answers: doc.answers, derived: derive(doc, lang) });
  const asked = (fields: I.FieldView[], answers: Record<string, I.AnswerView>) => fields.map((field) => (field.name === 'deposit' ? { ...field, asked: answers.has_deposit === true } : field));
  const touch = (doc: MockDocument) => {
    doc.seq++;
    doc.updated = Date.now();
    return derive(doc, lang);
  };
  const splice = (nodes: I.Node[], change: I.Change) => nodes.toSpliced(change.from, change.remove, ...change.insert);
  const kinds = () => ([['sale', '买卖', 'Sale'], ['lease', '租赁', 'Lease'], ['loan', '借款', 'Loan'], ['employment', '劳动', 'Employment'], ['nda', '保密', 'Confidentiality'], ['services', '服务', 'Services'], ['complaint', '起诉状', 'Complaint']] as const).map(([kind, zh, en]) => ({ kind, name: lang === 'zh' ? zh : en }));
  const boot = (): I.Boot => ({ version: '0.1.0', language: lang, last_document: new URLSearchParams(location.search).get('open') ?? (big ? 'big' : null), home: '/home/lawyer/.local/share/moqi', kinds: kinds() });
  const templateText = (entry: I.TemplateCard) => texts.get(entry.id) ?? `---\nid: ${entry.id}\ntitle: ${entry.title}\nkind: ${entry.kind}\nlanguage: ${entry.language}\nfields:\n  seller: {type: party, label: 出卖人, group: 当事人}\n  price: {type: money, label: 合同总价}\n---\n\n# ${entry.title}\n\n出卖人：{{seller}}\n\n## 价款与支付 {#price}\n\n1. 合同总价为人民币 {{price}} 元（大写：{{price | rmb_upper}}）。\n2. 付款方式见 {{pay_method}}。\n`;
  const template = (id: string): I.TemplateView => {
    const entry = templates.find((other) => other.id === id)!;
    const text = templateText(entry);
    const line = text.split('\n').findIndex((one) => one.includes('pay_method')) + 1;
    return {
      card: entry, text, fields: asked(entry.language === 'zh' ? saleFields : ndaFields, {}),
      notes: ['定金不得超过主合同标的额的百分之二十。', '设备需要安装调试的，宜另行约定试运行与最终验收。'], basis: ['民法典 586', '民法典 595', '民法典 620', '民法典 641'],
      problems: entry.own && line ? [{ line, field: 'pay_method', message: lang === 'zh' ? '没有声明的要素。' : 'A field that is not declared.' }] : [],
    };
  };
  const clauseNodes = (entry: I.ClauseCard): I.Node[] => [h(1, entry.title.replace(/（.*/, ''), entry.id), it(0, entry.excerpt.replace('……', '，具体以双方另行签署的书面文件为准。')), it(0, '本条不影响守约方依照法律规定享有的其他权利。')];

  async function assist(request: I.AssistRequest, listen: Listen, id: number): Promise<void> {
    const doc = get(request.document);
    for (let done = 0; done <= 4; done++) {
      listen({ type: 'reading', done, total: 4 });
      await wait(120);
    }
    const words = '乙方逾期付款的，每逾期一日，应按逾期未付金额的万分之五向甲方支付违约金，但累计不超过逾期未付金额的百分之三十。';
    for (const chunk of words.match(/.{1,4}/gs) ?? []) {
      if (cancelled.has(id)) return listen({ type: 'ended', outcome: 'cancelled', failure: null });
      listen({ type: 'words', text: chunk });
      await wait(40);
    }
    const target = doc.nodes[request.block]!;
    const rewrite = request.task === 'rewrite';
    const fresh: I.Node = rewrite && 'attrs' in target && target.type === 'item' ? { ...target, content: [{ type: 'text', text: words }] } : it(0, words);
    const change: I.Change = { from: rewrite ? request.block : request.block + 1, remove: rewrite ? 1 : 0, insert: [fresh] };
    const late = clauses.find((entry) => entry.id === 'late')!;
    listen({ type: 'proposals', why: null, fetch: null, proposals: [{ change, source: { type: 'model', name: 'Qwen3 1.7B', style: null }, chips: {}, references: {} }, { change: { from: request.block + 1, remove: 0, insert: clauseNodes(late) }, source: { type: 'clause', card: late }, chips: {}, references: {} }, { change: { from: request.block + 1, remove: 0, insert: clauseNodes(clauses[2]!) }, source: { type: 'clause', card: clauses[2]! }, chips: {}, references: {} }] });
    listen({ type: 'ended', outcome: 'done', failure: null });
  }

  async function fetchModel(id: string, listen: Listen, number: number): Promise<void> {
    const total = models.find((model) => model.id === id)!.size;
    for (let done = 0; done < total; done += total / 60) {
      await wait(150);
      if (cancelled.has(number)) return listen({ type: 'ended', outcome: 'cancelled', failure: null });
      listen({ type: 'progress', done, total });
    }
    models = models.map((model) => (model.id === id ? { ...model, installed: true } : model));
    listen({ type: 'ended', outcome: 'done', failure: null });
  }

  const hit = (kind: I.HitKind, id: string, name: string, text: string, query: string, language: I.Lang): I.Hit | null => {
    const at = `${name} ${text}`.toLowerCase().indexOf(query.toLowerCase());
    if (at < 0) return null;
    const from = Math.max(0, text.toLowerCase().indexOf(query.toLowerCase()) - 12);
    const snippet = text.slice(from, from + 60);
    const mark = snippet.toLowerCase().indexOf(query.toLowerCase());
    return { kind, id, title: name, snippet, marks: mark >= 0 ? [[mark, mark + query.length]] : [], language };
  };

  const commands: Record<string, (args: any) => unknown> = {
    boot,
    set_language: ({ language }) => ((lang = language), boot()),
    settings: () => settings,
    set_setting: ({ key, value }) => void (settings[key] = value),
    templates: ({ query, language }) => templates.filter((entry) => (!language || entry.language === language) && `${entry.title}${entry.summary}`.includes(query)),
    template: ({ id }) => template(id),
    copy_template: ({ id }) => {
      const entry = { ...templates.find((other) => other.id === id)!, id: `own-${count++}`, own: true };
      templates = [entry, ...templates];
      return template(entry.id);
    },
    add_file_version: () => ({ id: `v${count++}`, created_at: Date.now(), label: '对方修改稿.docx', reason: 'file', words: 4800 }) satisfies I.VersionCard,
    remarks: () => [] satisfies I.ThreadView[],
    template_offers: () => ({ title: '设备买卖合同', language: 'zh', warnings: [], offers: [
      { name: 'party_a', label: '甲方', kind: 'text', why: 'party', sure: true, found: '华东精密机械有限公司', before: '甲方：', after: '', places: 3 },
      { name: 'price', label: '价款', kind: 'money', why: 'amount', sure: false, found: '1,200,000.00', before: '总价为人民币', after: '元', places: 1 },
    ] }) satisfies I.OffersView,
    template_from: ({ title: name }) => {
      const entry: I.TemplateCard = { id: `own-${count++}`, title: name, kind: 'sale', language: 'zh', summary: '', own: true };
      templates = [entry, ...templates];
      return template(entry.id);
    },
    save_template: ({ id, text }) => {
      texts.set(id, text);
      return template(id);
    },
    delete_template: ({ id }) => void (templates = templates.filter((entry) => entry.id !== id)),
    clauses: ({ query, kind, language }) => clauses.filter((entry) => (!language || entry.language === language) && (!kind || entry.kinds.includes(kind) || entry.kinds.includes('any')) && `${entry.title}${entry.excerpt}${entry.basis}`.includes(query)),
    clause_text: ({ id }) => `---\nid: ${id}\n---\n\n${clauseNodes(clauses.find((entry) => entry.id === id)!).map((node, i) => (i ? `${i}. ${textOf(node)}` : `## ${textOf(node)} {#${id}}`)).join('\n')}`,
    save_clause: ({ text }) => {
      const name = /^title: "?(.*?)"?$/m.exec(text)?.[1] ?? '';
      const entry: I.ClauseCard = { ...clauses[0]!, id: `own-${count++}`, title: name, topic: name, own: true, side_label: null, basis: [], notes: [], excerpt: text.split('---')[2]?.trim().slice(0, 60) ?? '' };
      clauses = [entry, ...clauses];
      return entry;
    },
    delete_clause: ({ id }) => void (clauses = clauses.filter((entry) => entry.id !== id)),
    documents: ({ query, trash }) => [...docs.values()].filter((doc) => doc.deleted === trash && doc.title.includes(query)).map(card).sort((a, b) => b.updated_at - a.updated_at),
    create_document: ({ template: id, title: name, language, answers }) => {
      const entry = templates.find((other) => other.id === id);
      const nodes = !entry ? [title(name ?? ''), p()] : entry.language === 'zh' ? saleNodes() : ndaNodes();
      const doc = add(`n${count++}`, name ?? entry?.title ?? '', entry?.kind ?? null, language, nodes, !entry ? [] : entry.language === 'zh' ? saleFields : ndaFields, 0);
      doc.answers = answers;
      return view(doc);
    },
    open_document: ({ id }) => view(get(id)),
    rename_document: ({ id, title: name }) => ((get(id).title = name), card(get(id))),
    trash_document: ({ id }) => void (get(id).deleted = true),
    restore_document: ({ id }) => void (get(id).deleted = false),
    delete_document: ({ id }) => void docs.delete(id),
    duplicate_document: ({ id }) => {
      const doc = get(id);
      return card(add(`n${count++}`, `${doc.title} 副本`, doc.kind, doc.language, structuredClone(doc.nodes), doc.fields, 0));
    },
    sync: ({ id, seq, change }) => {
      const doc = get(id);
      if (seq !== doc.seq) throw { code: 'conflict', message: 'seq', hint: null } satisfies I.Failure;
      doc.nodes = splice(doc.nodes, structuredClone(change));
      return touch(doc);
    },
    replace: ({ id, nodes }) => {
      const doc = get(id);
      doc.nodes = structuredClone(nodes);
      return touch(doc);
    },
    preview_answers: ({ template: id, answers }) => asked(template(id).fields, answers),
    set_answers: ({ id, answers }) => {
      const doc = get(id);
      doc.answers = structuredClone(answers);
      return { derived: touch(doc), fields: asked(doc.fields, answers), changes: [], conflicts: 0 } satisfies I.Answered;
    },
    insert_clause: ({ id, clause, at }) => ({ change: { from: at, remove: 0, insert: clauseNodes(clauses.find((entry) => entry.id === clause)!) }, fields: asked(get(id).fields, get(id).answers) }) satisfies I.ClauseInsert,
    fix_change: ({ id, key }) => findings(get(id), lang).filter((finding) => finding.key === key && finding.change).map((finding) => finding.change),
    fix_all: ({ id, rule }) => findings(get(id), lang).filter((finding) => (!rule || finding.rule === rule) && finding.change).map((finding) => finding.change),
    ignore_finding: ({ id, key, reason }) => (get(id).ignored.set(key, reason), touch(get(id))),
    unignore_finding: ({ id, key }) => (get(id).ignored.delete(key), touch(get(id))),
    versions: ({ id }) => versions.filter((entry) => entry.doc === id).map(({ doc: _d, nodes: _n, ...entry }) => entry),
    save_version: ({ id, label }) => {
      const entry = { doc: id, id: `v${count++}`, created_at: Date.now(), label, reason: 'named', words: derive(get(id), lang).words, nodes: structuredClone(get(id).nodes) };
      versions.unshift(entry);
      return entry;
    },
    version: ({ version }) => {
      const entry = versions.find((other) => other.id === version)!;
      return view({ ...get(entry.doc), nodes: entry.nodes });
    },
    restore_version: ({ id, version }) => {
      const doc = get(id);
      versions.unshift({ doc: id, id: `v${count++}`, created_at: Date.now(), label: null, reason: 'before_restore', words: derive(doc, lang).words, nodes: doc.nodes });
      doc.nodes = structuredClone(versions.find((other) => other.id === version)!.nodes);
      touch(doc);
      return view(doc);
    },
    choose_files: ({ folder }) => (folder ? ['/home/lawyer/本所范本/买卖合同'] : ['/home/lawyer/合同.docx', '/home/lawyer/补充协议.docx']),
    import: () => ({ imported: [{ file: '合同.docx', card: card([...docs.values()][0]!), known: true, warnings: ['没有读入：2 图片或图形'] }], refused: [], others: 3, cancelled: false }) satisfies I.ImportView,
    cancel_import: () => undefined,
    originals: () => ({}),
    save_original: () => '/home/lawyer/合同.docx',
    export: ({ id, path }) => ({ path: path ?? `${settings.export_folder}/${get(id).title}.docx`, warnings: ['文档中的一处代码块按原样导出。'], errors: 1, warnings_open: 2 }) satisfies I.Exported,
    word_places: () => [{ id: 'document:0', name: 'client', text: '{client}', before: '致 ', after: '：', takes: 'words', choices: [] }, { id: 'document:1', name: '费用', text: '____', before: '费用 ', after: ' 元', takes: 'blank', choices: [] }] satisfies I.WordPlace[],
    fill_word: () => ({ path: '/home/lawyer/委托函（已填写）.docx', warnings: [], errors: 0, warnings_open: 0 }) satisfies I.Exported,
    version_changes: () => [{ kind: 'replaced', quote: '百分之六' }, { kind: 'inserted', quote: '逾期加收罚息。' }, { kind: 'moved', quote: '争议解决' }] satisfies I.ChangedView[],
    export_redline: ({ id }) => ({ path: `${settings.export_folder}/${get(id).title}（修订稿）.docx`, warnings: [], errors: 0, warnings_open: 0 }) satisfies I.Exported,
    choose_export_path: () => '/home/lawyer/桌面/合同.docx',
    open_path: () => undefined,
    show_in_folder: () => undefined,
    assist: ({ request, events }) => {
      const id = ++job;
      void assist(request, events as Listen, id);
      return id;
    },
    cancel: ({ job: id }) => void cancelled.add(id),
    models: () => models,
    choose_model: ({ id }) => (models = models.map((model) => ({ ...model, chosen: model.id === id }))),
    fetch_model: ({ id, events }) => {
      const number = ++job;
      void fetchModel(id, events as Listen, number);
      return number;
    },
    add_model: () => models,
    pick_model_file: () => null,
    remove_model: ({ id }) => (models = models.map((model) => (model.id === id ? { ...model, installed: false, chosen: false } : model))),
    device: () => ({ choice: 'automatic', cards: true, running: 'CPU (AVX2, 7 threads)' }),
    set_device: ({ name }) => ({ choice: name, cards: true, running: null }),
    server: () => server,
    allow_server: ({ address, key, plain }) => (server = { ...server, allowed: [...server.allowed, { address, key: key !== null, plain }] }),
    forget_server: ({ address }) => (server = { used: server.used, allowed: server.allowed.filter((one) => one.address !== address) }),
    server_models: () => ['qwen3-8b', 'qwen3-32b'],
    use_server: ({ address, model }) => (server = { ...server, used: { address, model } }),
    server_off: () => (server = { ...server, used: null }),
    search: ({ query }) => [
      ...[...docs.values()].map((doc) => hit('document', doc.id, doc.title, doc.nodes.map(textOf).join(' ').replaceAll('\ufffc', '…'), query, doc.language)),
      ...templates.map((entry) => hit('template', entry.id, entry.title, entry.summary, query, entry.language)),
      ...clauses.map((entry) => hit('clause', entry.id, entry.title, entry.excerpt, query, entry.language)),
    ].filter(Boolean),
    ...mockTuning(() => lang, (id) => models.find((model) => model.id === id)?.name ?? id),
    usable: () => undefined,
    measured: () => undefined,
    flushed: () => undefined,
    log_error: ({ message }) => console.error('log_error', message),
  };

  return {
    async invoke<T>(command: string, args: Record<string, unknown>): Promise<T> {
      await wait(8);
      const run = commands[command];
      if (!run) throw { code: 'internal', message: command, hint: null } satisfies I.Failure;
      return structuredClone(await run(args as Args)) as T;
    },
    channel: (listen) => listen,
  };
}

function longNodes(blocks: number): I.Node[] {
  const nodes: I.Node[] = [title('长文书')];
  for (let i = 1; nodes.length < blocks; i++) {
    nodes.push(h(1, `第 ${i} 项约定事项`, `c${i}`));
    for (let k = 0; k < 5; k++) nodes.push(it(k === 3 ? 1 : 0, `乙方应当按照本合同约定的期限、方式与标准履行其第 ${i}-${k} 项义务，逾期履行的应当承担违约责任；因此给甲方造成损失的，还应当赔偿甲方的实际损失与合理费用。`, { type: 'field', attrs: { expr: 'seller.name' } }, '应予配合，参见', { type: 'reference', attrs: { target: `c${Math.max(1, i - 3)}` } }, '。'));
  }
  return nodes;
}
