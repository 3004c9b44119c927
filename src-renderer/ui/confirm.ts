import { shallowRef } from 'vue'

export interface Question {
  readonly title: string
  readonly text: string
  /** Verb on the button that does it. */
  readonly action: string
  /** True when it cannot be undone: the button is red. */
  readonly dangerous?: boolean
}

interface Pending extends Question {
  readonly answer: (yes: boolean) => void
}

/** The question on screen; ConfirmDialog.vue shows it. */
export const pendingQuestion = shallowRef<Pending | null>(null)

/** Asks the person; settles with true when they agree. A second question answers the first with no. */
export function confirm(question: Question): Promise<boolean> {
  pendingQuestion.value?.answer(false)
  return new Promise(resolve => {
    pendingQuestion.value = {
      ...question,
      answer: yes => {
        pendingQuestion.value = null
        resolve(yes)
      }
    }
  })
}
