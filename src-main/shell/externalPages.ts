/** The only pages that the app ever hands to the system's browser; they are opened by key, never by address. */
export const externalPages = {
  iql: { title: 'IQL paper', url: 'https://arxiv.org/abs/2110.06169' },
  awac: { title: 'AWAC paper', url: 'https://arxiv.org/abs/2006.09359' },
  awr: { title: 'AWR paper', url: 'https://arxiv.org/abs/1910.00177' },
  d4rl: { title: 'D4RL paper', url: 'https://arxiv.org/abs/2004.07219' }
} as const

export type ExternalPage = keyof typeof externalPages
