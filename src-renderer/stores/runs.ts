import { defineStore } from 'pinia'
import type { Run } from '../../src-preload/contract/runs.ts'
import { useClient } from '../client/holder.ts'
import { followed } from './followed.ts'

/** Every run of the host, newest first, kept up to date by one stream. */
export const useRuns = defineStore('runs', () => {
  const { items: all, ...list } = followed<Run>(signal => useClient().runs.follow({}, signal))
  return { all, ...list }
})
