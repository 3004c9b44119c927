import { defineStore } from 'pinia'
import type { Dataset } from '../../src-preload/contract/datasets.ts'
import { useClient } from '../client/holder.ts'
import { followed } from './followed.ts'

/** Every dataset of the host, newest first, kept up to date by one stream. */
export const useDatasets = defineStore('datasets', () => {
  const { items: all, ...list } = followed<Dataset>(signal => useClient().datasets.follow({}, signal))
  return { all, ...list }
})
