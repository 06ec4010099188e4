import type { Backend } from '../api';
export const mock = (): Backend => ({ invoke: () => Promise.reject(new Error('none')), channel: (listen) => listen });
