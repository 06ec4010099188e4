import type * as I from '../ipc';
import { t } from '../i18n/index.svelte';

/** Where the words of a proposal come from, as a sentence. */
export function fromWhere(source: I.ProposalSource): string {
  switch (source.type) {
    case 'model': return source.style ? t('assist.from_style', { name: source.name, style: source.style }) : t('assist.from_model', { name: source.name });
    case 'server': return t('assist.from_server', { name: source.name, address: source.address });
    case 'house': return t('assist.from_house', { document: source.document, heading: source.heading });
    case 'clause': return t('assist.from_clause', { title: source.card.title });
  }
}
