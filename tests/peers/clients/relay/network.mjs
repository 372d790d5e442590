// Relay's network function, which sends the id of an operation that the compiler persisted.
const [url, token, id, given] = process.argv.slice(2);

const fetchQuery = async (params, variables) => {
  const answer = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ documentId: params.id, variables }),
  });
  return answer.json();
};

console.log(JSON.stringify(await fetchQuery({ id }, JSON.parse(given))));
