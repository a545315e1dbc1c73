interface Section {
  readonly value: unknown;
  readonly revision: number;
}

/** The settings of one test, in memory and unchecked; they stand in for those that transfer stores. */
export class TestSettings {
  readonly #sections = new Map<string, Section>();
  #revision = 0;

  async read(section: string): Promise<Section> {
    return this.#sections.get(section) ?? { value: null, revision: 0 };
  }

  async write(section: string, value: unknown, _seenRevision?: number): Promise<Section> {
    const written = { value, revision: ++this.#revision };
    this.#sections.set(section, written);
    return written;
  }

  async problem(): Promise<string | null> {
    return null;
  }
}
