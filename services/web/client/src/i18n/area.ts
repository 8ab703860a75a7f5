/**
 * An area is one namespace of texts: Chinese as written, every other language with the same keys.
 * Plural forms follow i18next: Chinese has `_other` only, English may add `_one`.
 */
export type Translation<Chinese extends Record<string, string>> = {
  [Key in keyof Chinese]: string;
} & {
  [Key in keyof Chinese as Key extends `${infer Stem}_other` ? `${Stem}_one` : never]?: string;
};
