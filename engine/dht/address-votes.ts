const MOST_VOTES = 32
const AGREEING = 4

/** What others say our address is (BEP 42). One alone may be wrong or lie: a majority decides, one vote per network. */
export class AddressVotes {
  /** By voter, oldest first. */
  readonly #votes = new Map<string, string>()

  /** @returns the address that the majority names, once there is one */
  vote(address: string, voter: string): string | undefined {
    this.#votes.delete(voter)
    this.#votes.set(voter, address)
    const [oldest] = this.#votes.keys()
    if (oldest !== undefined && this.#votes.size > MOST_VOTES) this.#votes.delete(oldest)
    let agreeing = 0
    for (const other of this.#votes.values()) if (other === address) agreeing++
    return agreeing >= AGREEING && agreeing * 2 > this.#votes.size ? address : undefined
  }
}
