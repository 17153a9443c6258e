sales
