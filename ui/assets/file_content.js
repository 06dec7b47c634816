// The bytes of a file as base64. The server decodes text: the browser would put replacement characters where the text
// is not UTF-8, and nothing would say so.
const contentOf = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(file);
});
