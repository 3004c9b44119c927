import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { Plan } from '../../../src-preload/contract/runs.ts'
import type { AppClient } from '../../client/holder.ts'
import { sentenceOf } from '../../ui/sentence.ts'

export type Estimate = Awaited<ReturnType<AppClient['runs']['estimate']>>

export interface LiveEstimate {
  readonly estimate: ShallowRef<Estimate | null>
  readonly pending: ShallowRef<boolean>
  readonly failure: ShallowRef<string | null>
}

/** Asks the host what a plan would come to, a moment after its last change; late answers to older plans are dropped. */
export function useEstimate(
  client: Pick<AppClient, 'runs'>,
  plan: Readonly<Ref<Plan | null>>,
  waitMs = 250
): LiveEstimate {
  const estimate = shallowRef<Estimate | null>(null)
  const pending = shallowRef(false)
  const failure = shallowRef<string | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(asked: Plan): Promise<void> {
    try {
      const answer = await client.runs.estimate(asked)
      if (plan.value !== asked) return
      estimate.value = answer
      failure.value = null
    } catch (error) {
      if (plan.value !== asked) return
      estimate.value = null
      failure.value = sentenceOf(error)
    }
    pending.value = false
  }
  watch(
    plan,
    next => {
      clearTimeout(timer)
      pending.value = next !== null
      if (next === null) {
        estimate.value = null
        failure.value = null
      } else timer = setTimeout(() => void ask(next), waitMs)
    },
    { immediate: true }
  )
  onScopeDispose(() => clearTimeout(timer))
  return { estimate, pending, failure }
}
