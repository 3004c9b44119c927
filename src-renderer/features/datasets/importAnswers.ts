import type { ImportAnswers, ImportQuestion } from '../../../src-preload/contract/datasets.ts'

/** The answers that a report starts with: each question's default. */
export const defaultAnswers = (questions: readonly ImportQuestion[]): ImportAnswers =>
  Object.fromEntries(
    questions.flatMap(question => (question.default === null ? [] : [[question.id, question.default]]))
  )

/** The chosen names of a `multiple` answer, which is a JSON list or names between commas. */
export function chosenOf(answer: string | undefined): readonly string[] {
  if (answer === undefined || answer.trim() === '') return []
  try {
    const parsed: unknown = JSON.parse(answer)
    if (Array.isArray(parsed)) return parsed.map(String)
  } catch {
    // names between commas
  }
  return answer.split(',').map(part => part.trim())
}

/** The answer of a `multiple` question after one name was chosen or dropped; names stay in the order of the options. */
export function toggleChosen(question: ImportQuestion, answer: string | undefined, name: string): string {
  const chosen = new Set(chosenOf(answer))
  if (!chosen.delete(name)) chosen.add(name)
  return JSON.stringify(question.options.map(option => option.value).filter(value => chosen.has(value)))
}

/** What is wrong with an answer, in one sentence; null when it can be sent. */
export function answerProblem(question: ImportQuestion, answer: string | undefined): string | null {
  if (question.input === 'choice') return answer === undefined ? 'Choose one.' : null
  if (question.input === 'multiple') return chosenOf(answer).length === 0 ? 'Choose at least one.' : null
  const text = (answer ?? '').trim()
  if (text === '')
    return question.input === 'numbers'
      ? 'Write a number, or numbers separated by commas.'
      : 'Write an answer.'
  if (question.input === 'numbers') {
    const wrong = text.split(/[\s,;]+/).find(part => part !== '' && !Number.isFinite(Number(part)))
    if (wrong !== undefined) return `“${wrong}” is not a number.`
  }
  return null
}

/** Questions that keep the import from being committed. */
export const openQuestions = (
  questions: readonly ImportQuestion[],
  answers: ImportAnswers
): readonly ImportQuestion[] =>
  questions.filter(question => answerProblem(question, answers[question.id]) !== null)
