import { expect, test } from 'vitest';
import { languageOfText } from './language-of-text.ts';

const SENTENCES = {
  en: 'The grey heron stands still in the shallow water and waits for a fish that swims by. ',
  de: 'Der Graureiher steht still im flachen Wasser und wartet auf einen Fisch, der vorbeischwimmt. ',
  fr: "Le héron cendré se tient immobile dans l'eau peu profonde et attend qu'un poisson passe. ",
  es: 'La garza real se queda quieta en el agua poco profunda y espera un pez que pase nadando. ',
  nl: 'De blauwe reiger staat stil in het ondiepe water en wacht op een vis die voorbij zwemt. ',
  ru: 'Серая цапля неподвижно стоит на мелководье и ждёт рыбу, которая проплывёт мимо неё. ',
  ar: 'يقف مالك الحزين الرمادي ساكنا في المياه الضحلة وينتظر سمكة تسبح بالقرب منه في الصباح. ',
  zh: '苍鹭静静地站在浅水里，等待一条游过的鱼。它的脖子弯曲，长长的腿一动也不动，像一根灰色的芦苇。',
  ja: 'アオサギは浅い水の中にじっと立って、泳いでくる魚を待っています。長い首を曲げ、動きません。',
} as const;

test.each(Object.entries(SENTENCES))('a text in the language %s is known by its letters', (language, sentence) => {
  expect(languageOfText(sentence.repeat(3))).toBe(language);
});

test('the middle of a text counts', () => {
  expect(languageOfText(SENTENCES.en.repeat(50) + SENTENCES.fr.repeat(200) + SENTENCES.en.repeat(50))).toBe('fr');
});

test.each([
  ['a short text', 'The grey heron'],
  ['nothing', ''],
  ['numbers', '12 345 678 '.repeat(100)],
])('the language of %s is not guessed', (_kind, text) => {
  expect(languageOfText(text)).toBeNull();
});
