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

/** Where the keyboard returns to after a question: the focused element, or of an entry in a menu, which closes, the menu's button. */
export function returnPlace(): HTMLElement | null {
  const active = document.activeElement
  const button = active?.closest('[role="menu"]')?.getAttribute('aria-labelledby')
  const place = button ? document.getElementById(button) : active
  return place instanceof HTMLElement && place !== document.body ? place : null
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
