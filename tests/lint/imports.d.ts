import type { ESLint } from 'eslint'
export function directionProblem(key: string, target: string): string | null
export function findCycle(from: string, to: string): string[] | null
export const imports: ESLint.Plugin
