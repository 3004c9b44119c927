/** A policy that acts for all episodes at once; the same number of rows at every call. */
export interface BatchPolicy {
  /**
   * @param observations [rows, observation size] as the environment gives them, to be read during the call only and never
   *   written; rows of finished episodes repeat their last one, rows of none are zero
   * @returns [rows, action size] in the environment's own units, or [rows] whole numbers for discrete actions
   */
  readonly act: (observations: Float32Array) => Promise<Float32Array>
  /**
   * Values of given observations and actions, [rows] each, in raw reward units; only what the algorithm has.
   * @param observations [rows, observation size]
   * @param actions [rows, action size], or [rows] for discrete actions
   */
  readonly values?: (
    observations: Float32Array,
    actions: Float32Array
  ) => Promise<{ readonly q?: Float32Array; readonly v?: Float32Array }>
  /** Rows of a call of `values`; those of `act` when absent. */
  readonly valueRows?: number
}

/** How realised rewards compare with the values of a policy that has V and no Q. */
export interface ReturnToGo {
  readonly discount: number
  /** Added to each reward, in raw reward units, where training added it. */
  readonly shift: number
}
