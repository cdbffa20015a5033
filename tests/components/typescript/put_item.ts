// The handler of test_typescript.py: writes one item, and fails where it is asked to.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Context } from "aws-lambda";
import { checked, type Item } from "./rules";

const table = process.env["USERS_TABLE"] ?? "";
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const handler = async (event: Partial<Item>, context: Context) => {
  const item = checked(event);
  console.log(JSON.stringify({ requestId: context.awsRequestId }));
  try {
    await client.send(new PutCommand({ TableName: table, Item: item }));
  } catch (error) {
    return { error: error instanceof Error ? error.name : "unknown" };
  }
  return { stored: item.id };
};
